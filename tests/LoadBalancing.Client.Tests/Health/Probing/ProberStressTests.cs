using System.Collections.Concurrent;
using LoadBalancing.Client.Tests.Discovery;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Health.Probing;

public sealed class ProberStressTests
{
    /// <summary>Backends come and go while probes of all kinds run: none overlaps itself, and at the end nothing runs.</summary>
    [Fact]
    public async Task Probes_WhileBackendsComeAndGo_NeverOverlapAndStop()
    {
        MeasuringProbe probe = new();
        ManualSource source = new();
        Backend[] all = Pools.DescribeMany(20);
        Balancer balancer = new BalancerBuilder("orders")
            .AddSource(source)
            .UseActiveHealthChecks(options => (options.Probe, options.Interval, options.MaxConcurrent) = (probe, TimeSpan.FromMilliseconds(10), 4))
            .Build();
        balancer.Start();
        await source.PublishAsync(all);

        // In use, so they keep their state while they are gone.
        foreach (BackendState backend in balancer.Backends)
        {
            backend.Occupy(1);
        }

        Random random = new(1);
        while (probe.Calls < 200)
        {
            await source.PublishAsync([.. all.Where(_ => random.Next(3) > 0)]);
            await Task.Yield();
        }

        balancer.Dispose();
        await Wait.UntilAsync(() => probe.Running == 0);
        probe.Overlaps.ShouldBe(0);
    }

    private sealed class MeasuringProbe : IHealthProbe
    {
        private readonly ConcurrentDictionary<string, int> _runningById = new(StringComparer.Ordinal);
        private int _calls;
        private int _running;
        private int _overlaps;

        public int Calls => Volatile.Read(ref _calls);

        public int Running => Volatile.Read(ref _running);

        public int Overlaps => Volatile.Read(ref _overlaps);

        public async ValueTask<ProbeResult> CheckAsync(Backend backend, CancellationToken cancellationToken)
        {
            int call = Interlocked.Increment(ref _calls);
            Interlocked.Increment(ref _running);
            if (_runningById.AddOrUpdate(backend.Id, 1, (_, count) => count + 1) > 1)
            {
                Interlocked.Increment(ref _overlaps);
            }

            try
            {
                switch (call % 4)
                {
                    case 0:
                        return ProbeResult.Healthy;
                    case 1:
                        await Task.Yield();
                        return ProbeResult.Unhealthy("503");
                    case 2:
                        throw new InvalidOperationException();
                    default:
                        await Task.Delay(Timeout.Infinite, cancellationToken);
                        return ProbeResult.Healthy;
                }
            }
            finally
            {
                _runningById.AddOrUpdate(backend.Id, 0, (_, count) => count - 1);
                Interlocked.Decrement(ref _running);
            }
        }
    }
}
