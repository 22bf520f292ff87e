using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Configuration;
using LoadBalancing.Client.Tests.Discovery;
using LoadBalancing.Client.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Tests.Health.Probing;

/// <summary>Backends that come and go, options that change, and the end.</summary>
public sealed class ProbeLifetimeTests
{
    [Fact]
    public async Task Removed_IsProbedNoMore()
    {
        ManualSource source = new();
        using ProbedPool pool = await StartAsync(source, 2);
        pool.Advance(20);
        int before = pool.Probe.CallsOf("b1").Count;

        await PublishAsync(pool, source, 1);
        pool.Advance(60);

        pool.Probe.CallsOf("b1").Count.ShouldBe(before);
        pool.Probe.CallsOf("b0").Count.ShouldBeInRange(16, 17);
    }

    [Fact]
    public async Task Removed_WhileItsProbeRuns_IsCanceledAndDecidesNothing()
    {
        ManualSource source = new();
        using ProbedPool pool = await StartAsync(source, 2, options => options.UnhealthyThreshold = 1);
        BackendState leaving = pool["b1"];
        TaskCompletionSource canceled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        pool.Probe.Answer("b1", async token =>
        {
            using CancellationTokenRegistration registration = token.Register(() => canceled.TrySetResult());
            await canceled.Task;
            return ProbeResult.Unhealthy("canceled");
        });
        pool.Advance(5);
        pool.Probe.Running.ShouldBe(1);

        await PublishAsync(pool, source, 1);

        await canceled.Task.Soon();
        await Wait.UntilAsync(() => pool.Probe.Running == 0);
        (leaving.Unavailability & Unavailability.ProbeFailed).ShouldBe(Unavailability.None);
    }

    [Fact]
    public async Task Removed_AndAnnouncedAgain_IsNewAndTrusted()
    {
        ManualSource source = new();
        using ProbedPool pool = await StartAsync(source, 2);
        pool.Probe.Fail("b1");
        pool.Advance(30);
        pool.IsDown("b1").ShouldBeTrue();

        await PublishAsync(pool, source, 1);
        await PublishAsync(pool, source, 2);

        pool.IsDown("b1").ShouldBeFalse();
    }

    [Fact]
    public async Task Removed_AndAnnouncedAgainWhileItDrains_IsBackWithWhatIsKnownAndProbedAsBefore()
    {
        ManualSource source = new();
        using ProbedPool pool = await StartAsync(source, 2);
        pool["b1"].Occupy(1);
        pool.Probe.Fail("b1");
        pool.Advance(30);

        await PublishAsync(pool, source, 1);
        await PublishAsync(pool, source, 2);
        pool.IsDown("b1").ShouldBeTrue();
        int before = pool.Probe.CallsOf("b1").Count;
        pool.Advance(50);

        // At once, and every 5 s.
        (pool.Probe.CallsOf("b1").Count - before).ShouldBe(11);
    }

    [Fact]
    public async Task Added_IsProbedAtOnceAndTrusted()
    {
        ManualSource source = new();
        using ProbedPool pool = await StartAsync(source, 1);
        pool.Advance(7);
        await PublishAsync(pool, source, 2);

        pool.Advance(0);

        pool.IsDown("b1").ShouldBeFalse();
        pool.Probe.CallsOf("b1").ShouldHaveSingleItem();
    }

    [Fact]
    public void Dispose_StopsProbesAndCancelsThoseThatRun()
    {
        ProbedPool pool = new(3);
        List<CancellationToken> tokens = [];
        pool.Probe.Default = token =>
        {
            tokens.Add(token);
            return new ValueTask<ProbeResult>(new TaskCompletionSource<ProbeResult>().Task);
        };
        pool.Start();
        pool.Advance(1.7);
        tokens.Count.ShouldBe(2);

        pool.Dispose();
        pool.Advance(60);

        tokens.ShouldAllBe(token => token.IsCancellationRequested);
        tokens.Count.ShouldBe(2);
        pool.Clock.ActiveTimers.ShouldBe(0);
        pool.Log.Availability().ShouldBeEmpty();
    }

    [Fact]
    public void Dispose_WithAProbeOfTheApplication_LeavesItAlone()
    {
        DisposableProbe probe = new();
        using (Balancer balancer = new BalancerBuilder("orders").AddBackends(Pools.DescribeMany(1)).UseActiveHealthChecks(options => options.Probe = probe).Build())
        {
            balancer.Start();
        }

        probe.IsDisposed.ShouldBeFalse();
    }

    [Fact]
    public void Reload_NothingAboutProbes_KeepsPlanAndCounts()
    {
        using ConfiguredPool pool = new(Checks(""));
        pool.Probe.Fail("b0");
        pool.Advance(5);

        pool.Edit(Checks(""), ", \"PanicThreshold\": 0.5");
        pool.Advance(10);

        // The third failure, 10 s after the first: neither was forgotten, nor was anything asked in between.
        pool.Probe.CallsOf("b0").Select(time => time.TotalSeconds).ShouldBe([0, 5, 10, 15]);
        pool.IsDown("b0").ShouldBeTrue();
    }

    [Fact]
    public void Reload_OtherInterval_KeepsWhatIsKnownAndTakesEffectAtOnce()
    {
        using ConfiguredPool pool = new(Checks("\"Interval\": \"01:00:00\", \"UnhealthyThreshold\": 1"));
        pool.Probe.Fail("b0");
        pool.Advance(3600);
        pool.IsDown("b0").ShouldBeTrue();
        int before = pool.Probe.CallsOf("b0").Count;

        pool.Edit(Checks("\"Interval\": \"00:00:02\", \"UnhealthyThreshold\": 1"));
        pool.IsDown("b0").ShouldBeTrue();
        pool.Advance(20);

        (pool.Probe.CallsOf("b0").Count - before).ShouldBe(11);
        pool.IsDown("b0").ShouldBeTrue();
    }

    [Fact]
    public void Reload_TurnsProbesOff_ForgetsAndStops()
    {
        using ConfiguredPool pool = new(Checks("\"UnhealthyThreshold\": 1"));
        pool.Probe.Fail("b0");
        pool.Advance(5);
        pool.IsDown("b0").ShouldBeTrue();
        int before = pool.Probe.Calls.Count;

        pool.Edit(Checks("\"Enabled\": false"));
        pool.IsDown("b0").ShouldBeFalse();
        pool.Advance(60);

        pool.Probe.Calls.Count.ShouldBe(before);
    }

    [Fact]
    public void Reload_TurnsProbesOn_TrustsWhatIsInUse()
    {
        using ConfiguredPool pool = new(Checks("\"Enabled\": false"));
        pool.Advance(5);

        pool.Edit(Checks("\"Enabled\": true, \"InitiallyHealthy\": false"));

        pool.IsDown("b0").ShouldBeFalse();
        pool.Balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
        lease.Complete(Outcome.Succeeded);
        pool.Advance(0);
        pool.Probe.Calls.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Reload_WhileAProbeRuns_CancelsItAndItDecidesNothing()
    {
        using ConfiguredPool pool = new(Checks("\"UnhealthyThreshold\": 1"));
        TaskCompletionSource canceled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        pool.Probe.Answer("b0", async token =>
        {
            using CancellationTokenRegistration registration = token.Register(() => canceled.TrySetResult());
            await canceled.Task;
            return ProbeResult.Unhealthy("canceled");
        });
        pool.Advance(5);
        pool.Probe.Running.ShouldBe(1);

        pool.Edit(Checks("\"UnhealthyThreshold\": 1, \"HealthyThreshold\": 1"));

        await Wait.UntilAsync(() => pool.Probe.Running == 0);
        pool.IsDown("b0").ShouldBeFalse();
        pool.Probe.Heal("b0");
        pool.Advance(10);
        pool.IsDown("b0").ShouldBeFalse();
    }

    [Fact]
    public void Reload_BadValue_KeepsProbing()
    {
        using ConfiguredPool pool = new(Checks(""));
        pool.Edit(Checks("\"UnhealthyThreshold\": 0"));

        pool.Advance(20);

        pool.Probe.CallsOf("b0").Count.ShouldBe(5);
    }

    private static string Checks(string keys) => $"\"HealthChecks\": {{ {(keys.Contains("Enabled", StringComparison.Ordinal) ? "" : "\"Enabled\": true, ")}\"Jitter\": 0{(keys.Length == 0 ? "" : ", ")}{keys} }}";

    private static async Task<ProbedPool> StartAsync(ManualSource source, int backends, Action<ActiveHealthCheckOptions>? configure = null)
    {
        ProbedPool pool = new(0, configure, source: source);
        pool.Balancer.Start();
        await PublishAsync(pool, source, backends);
        pool.Advance(0);
        return pool;
    }

    private static async Task PublishAsync(ProbedPool pool, ManualSource source, int backends)
    {
        await source.PublishAsync(Pools.DescribeMany(backends)).Soon();
        await Wait.UntilAsync(() => pool.Balancer.Backends.Count == backends);
    }

    private sealed class DisposableProbe : IHealthProbe, IDisposable
    {
        public bool IsDisposed { get; private set; }

        public ValueTask<ProbeResult> CheckAsync(Backend backend, CancellationToken cancellationToken) => ValueTask.FromResult(ProbeResult.Healthy);

        public void Dispose() => IsDisposed = true;
    }

    /// <summary>One backend, b0, and another, described by configuration that a test can change.</summary>
    private sealed class ConfiguredPool : IDisposable
    {
        private const string Backends = "\"CircuitBreaker\": { \"Enabled\": false }, \"Backends\": { \"b0\": \"http://10.0.0.1:8080\" }, ";

        private readonly FakeTimeProvider _clock = new();
        private readonly EditableJson _json;

        public ConfiguredPool(string inside)
        {
            Probe = new StubProbe(_clock);
            _json = new EditableJson(EditableJson.InOrders(Backends + inside));
            Balancer = new BalancerBuilder("orders")
                .UseTimeProvider(_clock)
                .UseConfiguration(EditableJson.Configuration(_json).GetSection("LoadBalancing:orders"))
                .Configure(options => options.ActiveHealthChecks.Probe = Probe)
                .Build();
            Balancer.Start();
            _clock.Advance(TimeSpan.Zero);
        }

        public StubProbe Probe { get; }

        public Balancer Balancer { get; }

        public bool IsDown(string id) => (Balancer.Backends.Find(id).ShouldNotBeNull().Unavailability & Unavailability.ProbeFailed) != 0;

        public void Edit(string inside, string more = "") => _json.Edit(EditableJson.InOrders(Backends + inside + more));

        public void Advance(double seconds) => _clock.Advance(TimeSpan.FromSeconds(seconds));

        public void Dispose() => Balancer.Dispose();
    }
}
