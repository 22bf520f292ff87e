using System.Diagnostics.Metrics;
using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Discovery;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Health.Probing;

/// <summary>A balancer on a fake clock whose backends b0, b1, … answer a <see cref="StubProbe"/>: every 5 s, without jitter unless a test wants it.</summary>
internal sealed class ProbedPool : IDisposable
{
    public ProbedPool(int backends, Action<ActiveHealthCheckOptions>? configure = null, Action<BalancerBuilder>? build = null, ManualSource? source = null, IMeterFactory? meters = null)
    {
        Probe = new StubProbe(Clock);
        BalancerBuilder builder = new BalancerBuilder("orders")
            .UsePolicy(new RoundRobinPolicy())
            .UseCircuitBreaker(breaker => breaker.Enabled = false)
            .UseTimeProvider(Clock)
            .UseRandom(new Random(1))
            .UseLoggerFactory(Log)
            .UseActiveHealthChecks(options =>
            {
                options.Probe = Probe;
                options.Jitter = 0;
                configure?.Invoke(options);
            });
        _ = source is null ? builder.AddBackends(Pools.DescribeMany(backends)) : builder.AddSource(source);
        if (meters is not null)
        {
            builder.UseMeterFactory(meters);
        }

        build?.Invoke(builder);
        Balancer = builder.Build();
    }

    public FakeTimeProvider Clock { get; } = new();

    public RecordingLog Log { get; } = new();

    public StubProbe Probe { get; }

    public Balancer Balancer { get; }

    public BackendState this[string id] => Balancer.Backends.Find(id).ShouldNotBeNull();

    public bool IsDown(string id) => (this[id].Unavailability & Unavailability.ProbeFailed) != 0;

    public Verdict VerdictOf(string id) => this[id].GetVerdict(Unavailability.ProbeFailed).ShouldNotBeNull();

    /// <summary>Begins: the first backend is probed at 0 s.</summary>
    public ProbedPool Start()
    {
        Balancer.Start();
        Clock.Advance(TimeSpan.Zero);
        return this;
    }

    public void Advance(double seconds) => Clock.Advance(TimeSpan.FromSeconds(seconds));

    public void Dispose() => Balancer.Dispose();
}

/// <summary>What was logged about availability.</summary>
internal static class AvailabilityLog
{
    public static IReadOnlyList<string> Availability(this RecordingLog log) =>
        [.. log.Entries.Where(entry => entry.Event is "AvailabilityChanged" or "BackendFoundFailing").Select(entry => $"{entry.Level}: {entry.Message}")];
}
