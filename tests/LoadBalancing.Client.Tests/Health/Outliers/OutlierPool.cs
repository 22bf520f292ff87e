using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Balancing;
using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Health.Outliers;

/// <summary>A balancer with outlier detection and no circuits, on a clock that stands still. Attempts go where the test says, also to backends that no pick would find.</summary>
internal sealed class OutlierPool : IDisposable
{
    private readonly List<BackendState> _known;

    /// <param name="count">The backends b0, b1 and so on.</param>
    /// <param name="configure">Changes the defaults; ejections have no jitter, unless it sets one.</param>
    /// <param name="random">For the jitter.</param>
    public OutlierPool(int count, Action<OutlierDetectionOptions>? configure = null, Random? random = null)
        : this(Pools.DescribeMany(count), configure, random)
    {
    }

    public OutlierPool(Backend[] backends, Action<OutlierDetectionOptions>? configure = null, Random? random = null)
    {
        Balancer = new BalancerBuilder("orders")
            .Configure(options => Fill(options, backends, configure))
            .UseTimeProvider(Clock)
            .UseRandom(random ?? new Random(1))
            .Build();
        Balancer.Start();
        _known = [.. Balancer.Backends];
    }

    public FakeTimeProvider Clock { get; } = new();

    public Balancer Balancer { get; }

    /// <summary>The ids of those that are ejected, in order.</summary>
    public string Ejected => string.Join(' ', Balancer.Backends.Where(IsEjected).Select(backend => backend.Id).Order(StringComparer.Ordinal));

    /// <summary>The backend bN, also when it is no longer listed.</summary>
    public BackendState this[int index] => _known.FindLast(backend => backend.Id == Pools.Describe(index).Id).ShouldNotBeNull();

    public static bool IsEjected(BackendState backend) => (backend.Unavailability & Unavailability.Ejected) != 0;

    /// <summary>What the detector says about a backend that is ejected.</summary>
    public Verdict Verdict(int index) => this[index].GetVerdict(Unavailability.Ejected).ShouldNotBeNull();

    /// <summary>Puts other options and backends in force, as a reload does.</summary>
    public void Reload(Backend[] backends, Action<OutlierDetectionOptions>? configure = null)
    {
        BalancerOptions options = new(Clock, Balancer.Options);
        Fill(options, backends, configure);
        Balancer.Apply(options);
        _known.AddRange(Balancer.Backends.Except(_known));
    }

    /// <summary>Begins an attempt.</summary>
    public BackendLease Begin(int index)
    {
        BackendState backend = this[index];
        backend.TryAcquire(out Admission admission).ShouldBeTrue();
        Attempt attempt = AttemptPool.Rent();
        return new BackendLease(attempt, backend, attempt.Begin(backend, admission, Attempt.Untimed), PickReasons.None);
    }

    /// <summary>One attempt after the other: <c>.</c> succeeds, <c>x</c> fails, <c>c</c> is canceled.</summary>
    public void Try(int index, string outcomes)
    {
        foreach (char outcome in outcomes)
        {
            Begin(index).Complete(outcome switch { '.' => Outcome.Succeeded, 'x' => Outcome.Failed, _ => Outcome.Canceled });
        }
    }

    /// <summary>So many successes, and so many failures behind them.</summary>
    public void Try(int index, int succeeded, int failed) => Try(index, new string('.', succeeded) + new string('x', failed));

    /// <summary>Ejects by failures in a row.</summary>
    public void Eject(int index)
    {
        Try(index, "xxxxx");
        IsEjected(this[index]).ShouldBeTrue();
    }

    public void Advance(double seconds) => Clock.Advance(TimeSpan.FromSeconds(seconds));

    public void Dispose() => Balancer.Dispose();

    private static void Fill(BalancerOptions options, Backend[] backends, Action<OutlierDetectionOptions>? configure)
    {
        options.HasBackends = true;
        foreach (Backend backend in backends)
        {
            options.Backends.Add(backend);
        }

        options.CircuitBreaker.Enabled = false;
        options.OutlierDetection.Enabled = true;
        options.OutlierDetection.MaxEjectionTimeJitter = TimeSpan.Zero;
        configure?.Invoke(options.OutlierDetection);
    }
}
