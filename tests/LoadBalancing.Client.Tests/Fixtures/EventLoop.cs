using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Tests.Fixtures;

/// <summary>Poisson arrivals against a real balancer on a fake clock: each attempt ends when and how its backend says. Same seed, same numbers.</summary>
internal sealed class EventLoop : IDisposable
{
    private const int ErrorPageBytes = 200;

    private readonly FakeTimeProvider _clock = new();
    private readonly Random _arrivals = new(5);
    private readonly PriorityQueue<(BackendLease Lease, Outcome Outcome), TimeSpan> _running = new();
    private readonly Balancer _balancer;
    private readonly Dictionary<string, int> _indexes;
    private TimeSpan _now;

    public EventLoop(LoadBalancingPolicy policy, int count, Func<int, double>? weightOf = null)
    {
        _balancer = new BalancerBuilder("orders").AddBackends(Pools.DescribeMany(count).Select((backend, index) => backend with { Weight = weightOf?.Invoke(index) ?? 1 })).UsePolicy(policy).UseTimeProvider(_clock).UseRandom(new Random(7)).Build();
        _balancer.Start();
        _indexes = _balancer.Backends.Index().ToDictionary(item => item.Item.Id, item => item.Index, StringComparer.Ordinal);
    }

    /// <summary>How an attempt on a backend that starts now ends, and after how long.</summary>
    public required Func<int, TimeSpan, (TimeSpan Duration, Outcome Outcome)> Serve { get; init; }

    /// <summary>Whether responses have bodies: then the outcome is that of the headers, and the completion tells of the body. An error page is short, and arrives as it should.</summary>
    public bool HasBodies { get; init; }

    public TimeSpan Now => _now;

    /// <summary>Lets requests arrive for a while.</summary>
    /// <returns>Picks of each backend.</returns>
    public int[] Run(TimeSpan duration, double ratePerSecond)
    {
        int[] picks = new int[_indexes.Count];
        TimeSpan end = _now + duration;
        while (true)
        {
            TimeSpan arrival = _now - TimeSpan.FromSeconds(Math.Log(1 - _arrivals.NextDouble()) / ratePerSecond);
            CompleteUntil(arrival < end ? arrival : end);
            if (arrival >= end)
            {
                return picks;
            }

            _balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
            int index = _indexes[lease.Backend.Id];
            picks[index]++;
            (TimeSpan after, Outcome outcome) = Serve(index, _now);
            _running.Enqueue((lease, outcome), _now + after);
        }
    }

    public void Dispose() => _balancer.Dispose();

    private void CompleteUntil(TimeSpan time)
    {
        while (_running.TryPeek(out (BackendLease Lease, Outcome Outcome) attempt, out TimeSpan due) && due <= time)
        {
            MoveTo(due);
            _running.Dequeue();
            if (HasBodies)
            {
                attempt.Lease.Responded(attempt.Outcome);
                attempt.Lease.Complete(Outcome.Succeeded with { Bytes = attempt.Outcome.IsFailure ? ErrorPageBytes : attempt.Outcome.Bytes });
            }
            else
            {
                attempt.Lease.Complete(attempt.Outcome);
            }
        }

        MoveTo(time);
    }

    private void MoveTo(TimeSpan time)
    {
        _clock.Advance(time - _now);
        _now = time;
    }
}
