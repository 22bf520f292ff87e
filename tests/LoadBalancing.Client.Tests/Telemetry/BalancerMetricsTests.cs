using System.Diagnostics.Metrics;
using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Fixtures;
using LoadBalancing.Client.Tests.Health.Probing;

namespace LoadBalancing.Client.Tests.Telemetry;

public sealed class BalancerMetricsTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly List<string> _measured = [];
    private readonly MeterListener _listener = new();

    /// <summary>Tests run side by side, and all meters have one name: only this service's measurements count.</summary>
    private readonly string _service = $"orders-{Guid.NewGuid():N}";

    public BalancerMetricsTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == LoadBalancingTelemetry.MeterName)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public void TryPick_Picks_AreCounted()
    {
        using Balancer balancer = Build();
        Forget();

        balancer.TryPick(default, out _);
        balancer.TryPick(Pools.Without(balancer.Backends), out _);
        balancer.Backends[0].SetFlag(Unavailability.ProbeFailed, true);
        balancer.TryPick(default, out _);
        balancer.Isolate("b0");
        balancer.TryPick(default, out _);

        Measured(LoadBalancingTelemetry.Picks).ShouldBe(
        [
            "{picks} 1 {server.address=orders}",
            "{picks} 1 {server.address=orders, loadbalancing.pick.reason=excluded_reused}",
            "{picks} 1 {server.address=orders, loadbalancing.pick.reason=fail_open}",
            "{picks} 1 {server.address=orders, error.type=no_backend}",
        ]);
    }

    [Fact]
    public void Complete_Attempts_AreTimedInSecondsToTheResponse()
    {
        using Balancer balancer = Build();
        foreach (Outcome outcome in (Outcome[])[Outcome.Succeeded, Outcome.Failed with { ErrorType = "503" }, Outcome.Failed, Outcome.ConnectFailed, Outcome.Canceled])
        {
            balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
            _clock.Advance(TimeSpan.FromMilliseconds(250));
            lease.Responded(outcome);
            _clock.Advance(TimeSpan.FromSeconds(5));
            lease.Complete(outcome);
        }

        const string Peer = "server.address=orders, network.peer.address=10.0.0.0, network.peer.port=8080";
        Measured(LoadBalancingTelemetry.AttemptDuration).ShouldBe(
        [
            $"{{attempt.duration}} 0.25 {{{Peer}}}",
            $"{{attempt.duration}} 0.25 {{{Peer}, error.type=503}}",
            $"{{attempt.duration}} 0.25 {{{Peer}, error.type=failed}}",
            $"{{attempt.duration}} 0.25 {{{Peer}, error.type=connect_failed}}",
            $"{{attempt.duration}} 0.25 {{{Peer}, error.type=canceled}}",
        ]);
    }

    [Fact]
    public void Probes_Durations_AreMeasuredWithWhatFailed()
    {
        StubProbe probe = new(_clock);
        using Balancer balancer = Build(configure: options => options.ActiveHealthChecks = new ActiveHealthCheckOptions { Enabled = true, Probe = probe, Jitter = 0 });
        balancer.Start();
        _clock.Advance(TimeSpan.Zero);
        probe.Answer("b0", _ => ValueTask.FromResult(ProbeResult.Unhealthy("disk full", "disk")));
        _clock.Advance(TimeSpan.FromSeconds(5));
        probe.Answer("b0", _ => new ValueTask<ProbeResult>(new TaskCompletionSource<ProbeResult>().Task));
        _clock.Advance(TimeSpan.FromSeconds(7));

        const string Peer = "server.address=orders, network.peer.address=10.0.0.0, network.peer.port=8080";
        Measured(LoadBalancingTelemetry.ProbeDuration).ShouldBe(
        [
            $"{{probe.duration}} 0 {{{Peer}}}",
            $"{{probe.duration}} 0 {{{Peer}, error.type=disk}}",
            $"{{probe.duration}} 2 {{{Peer}, error.type=timeout}}",
        ]);
    }

    [Fact]
    public void RecordPeers_Off_DropsTheBackend()
    {
        using Balancer balancer = Build(configure: options => options.RecordPeers = false);
        balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
        Observe(LoadBalancingTelemetry.ActiveAttempts).ShouldBe(["{attempts.active} 1 {server.address=orders}"]);
        lease.Complete(Outcome.Succeeded);

        Measured(LoadBalancingTelemetry.AttemptDuration).ShouldBe(["{attempt.duration} 0 {server.address=orders}"]);
    }

    [Fact]
    public void Observe_BackendsAndAttempts_AreReportedByStateAndPeer()
    {
        using Balancer balancer = Build([.. Pools.DescribeMany(7), Pools.Describe(7, weight: 0)]);
        BackendSet backends = balancer.Backends;
        backends[1].SetFlag(Unavailability.ProbeFailed, true);
        backends[2].SetFlag(Unavailability.Ejected, true);
        backends[3].SetFlag(Unavailability.CircuitOpen, true);
        backends[3].SetFlag(Unavailability.ProbeFailed, true);
        _ = balancer.DrainAsync("b4", TimeSpan.Zero);
        balancer.Isolate("b5");
        backends[0].Occupy(2);

        Observe(LoadBalancingTelemetry.Backends).ShouldBe(
        [
            "{backends} 2 {server.address=orders, loadbalancing.backend.state=eligible}",
            "{backends} 1 {server.address=orders, loadbalancing.backend.state=probe_failed}",
            "{backends} 1 {server.address=orders, loadbalancing.backend.state=ejected}",
            "{backends} 1 {server.address=orders, loadbalancing.backend.state=circuit_open}",
            "{backends} 1 {server.address=orders, loadbalancing.backend.state=draining}",
            "{backends} 1 {server.address=orders, loadbalancing.backend.state=isolated}",
            "{backends} 1 {server.address=orders, loadbalancing.backend.state=zero_weight}",
        ]);
        Observe(LoadBalancingTelemetry.ActiveAttempts)[0].ShouldBe("{attempts.active} 2 {server.address=orders, network.peer.address=10.0.0.0, network.peer.port=8080}");
    }

    [Fact]
    public void Backends_OutsideTheSubset_AreAStateOfTheirOwn()
    {
        using Balancer balancer = Build(Pools.DescribeMany(10), options => options.SubsetSize = 4);

        Observe(LoadBalancingTelemetry.Backends).ShouldBe(
        [
            "{backends} 4 {server.address=orders, loadbalancing.backend.state=eligible}",
            "{backends} 6 {server.address=orders, loadbalancing.backend.state=outside_subset}",
        ]);
    }

    [Fact]
    public void Panics_OneForEachTierThatBeginsTo_AreCounted()
    {
        using Balancer balancer = Build([.. Pools.DescribeMany(2), Pools.Describe(2) with { Priority = 7 }]);
        BackendSet backends = balancer.Backends;
        foreach (bool value in (bool[])[true, true, false, true])
        {
            Array.ForEach([.. backends], backend => backend.SetFlag(Unavailability.ProbeFailed, value));
            backends[0].Host!.Speak();
        }

        Measured(LoadBalancingTelemetry.Panics).ShouldBe(
        [
            "{panics} 1 {server.address=orders, loadbalancing.priority=0}",
            "{panics} 1 {server.address=orders, loadbalancing.priority=7}",
            "{panics} 1 {server.address=orders, loadbalancing.priority=0}",
            "{panics} 1 {server.address=orders, loadbalancing.priority=7}",
        ]);
    }

    [Fact]
    public void Observe_ServiceLevel_IsANumber()
    {
        using Balancer balancer = Build(Pools.DescribeMany(3));
        List<string> seen = [.. Observe(LoadBalancingTelemetry.ServiceLevel)];
        for (int i = 0; i < 3; i++)
        {
            balancer.Backends[i].SetFlag(Unavailability.ProbeFailed, true);
            seen.AddRange(Observe(LoadBalancingTelemetry.ServiceLevel));
        }

        seen.ShouldBe([.. new[] { 3, 2, 1, 0 }.Select(level => $"{{service.level}} {level} {{server.address=orders}}")]);
    }

    [Fact]
    public void Rebuilds_OneForEachChange_AreCounted()
    {
        using Balancer balancer = Build();
        balancer.TryPick(default, out _);
        Forget();

        balancer.Isolate("b0");
        balancer.Isolate("b0");
        balancer.Restore("b0");

        Measured(LoadBalancingTelemetry.Rebuilds).ShouldBe(["{rebuilds} 1 {server.address=orders}", "{rebuilds} 1 {server.address=orders}"]);
    }

    [Fact]
    public async Task Discovery_Failures_AreCountedByKind()
    {
        ManualSource source = new();
        using Balancer balancer = new BalancerBuilder(_service).AddSource(source).UseTimeProvider(_clock).Build();
        balancer.Start();
        await source.FailAsync(new TimeoutException("Too slow."));
        await _clock.WaitForTimersAsync(1);
        _clock.Advance(TimeSpan.FromSeconds(2));
        await source.EndAsync();
        await _clock.WaitForTimersAsync(1);

        Measured(LoadBalancingTelemetry.DiscoveryFailures).ShouldBe(
        [
            "{discovery.failures} 1 {server.address=orders, error.type=System.TimeoutException}",
            "{discovery.failures} 1 {server.address=orders, error.type=stream_ended}",
        ]);
    }

    [Fact]
    public void MeterFactory_Given_MakesTheMeter()
    {
        using Meters meters = new();
        using Balancer balancer = new BalancerBuilder(_service).AddBackends(Pools.DescribeMany(1)).UseMeterFactory(meters).Build();

        meters.Created.ShouldHaveSingleItem().Name.ShouldBe("LoadBalancing.Client");
    }

    /// <summary>A meter factory keeps its meters, and the meters their instruments, for as long as the process lives. A balancer that is gone must not be among what they measure.</summary>
    [Fact]
    public void Dispose_MeterOfAFactory_MeasuresItNoMore()
    {
        using Meters meters = new();
        using (Balancer balancer = new BalancerBuilder(_service).AddBackends(Pools.DescribeMany(2)).UseMeterFactory(meters).Build())
        {
            Observe(LoadBalancingTelemetry.Backends).ShouldHaveSingleItem();
        }

        Observe(LoadBalancingTelemetry.Backends).ShouldBeEmpty();
        Observe(LoadBalancingTelemetry.ActiveAttempts).ShouldBeEmpty();
        Observe(LoadBalancingTelemetry.ServiceLevel).ShouldBeEmpty();
    }

    [Fact]
    public void Ejection_EachAndEachThatIsRefused_IsCountedWithItsKind()
    {
        using Balancer balancer = Build(Pools.DescribeMany(2), options =>
        {
            options.RecordPeers = false;
            options.CircuitBreaker.Enabled = false;
            options.OutlierDetection.Enabled = true;
            options.OutlierDetection.ConsecutiveFailures = 2;
            options.OutlierDetection.FailurePercentage.Enabled = true;
            options.OutlierDetection.FailurePercentage.MinimumHosts = 1;
            options.OutlierDetection.FailurePercentage.RequestVolume = 1;
        });

        // Each of the two fails once: who is judged first at the end of the interval takes the only place.
        Fail(balancer, 2);
        _clock.Advance(TimeSpan.FromSeconds(10));
        _clock.Advance(TimeSpan.FromSeconds(33));
        Fail(balancer, 6);

        Measured(LoadBalancingTelemetry.Ejections).ShouldBe(
        [
            "{ejections} 1 {server.address=orders, loadbalancing.ejection.kind=failure_percentage}",
            "{ejections} 1 {server.address=orders, loadbalancing.ejection.kind=consecutive_failures}",
        ]);
        Measured(LoadBalancingTelemetry.RefusedEjections).Distinct(StringComparer.Ordinal).ShouldBe(
        [
            "{ejections.refused} 1 {server.address=orders, loadbalancing.ejection.kind=failure_percentage}",
            "{ejections.refused} 1 {server.address=orders, loadbalancing.ejection.kind=consecutive_failures}",
        ]);

        static void Fail(Balancer balancer, int attempts)
        {
            for (int i = 0; i < attempts; i++)
            {
                balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
                lease.Complete(Outcome.Failed);
            }
        }
    }

    private Balancer Build(Backend[]? backends = null, Action<BalancerOptions>? configure = null) =>
        new BalancerBuilder(_service).AddBackends(backends ?? Pools.DescribeMany(1)).UsePolicy(new RoundRobinPolicy()).UseTimeProvider(_clock).Configure(configure ?? (_ => { })).Build();

    private void Note<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        where T : struct, IFormattable
    {
        List<string> texts = [];
        foreach ((string key, object? tag) in tags)
        {
            texts.Add($"{key}={tag}");
        }

        string text = $"{{{instrument.Name["loadbalancing.client.".Length..]}}} {value.ToString(null, System.Globalization.CultureInfo.InvariantCulture)} {{{string.Join(", ", texts)}}}";
        if (text.Contains(_service, StringComparison.Ordinal))
        {
            lock (_measured)
            {
                _measured.Add(text.Replace(_service, "orders", StringComparison.Ordinal));
            }
        }
    }

    private string[] Measured(string instrument)
    {
        lock (_measured)
        {
            return [.. _measured.Where(text => text.StartsWith($"{{{instrument["loadbalancing.client.".Length..]}}}", StringComparison.Ordinal))];
        }
    }

    private string[] Observe(string instrument)
    {
        Forget();
        _listener.RecordObservableInstruments();
        return Measured(instrument);
    }

    private void Forget()
    {
        lock (_measured)
        {
            _measured.Clear();
        }
    }

    private sealed class Meters : IMeterFactory
    {
        public List<Meter> Created { get; } = [];

        public Meter Create(MeterOptions options)
        {
            options.Scope = this;
            Meter meter = new(options);
            Created.Add(meter);
            return meter;
        }

        public void Dispose() => Created.ForEach(meter => meter.Dispose());
    }
}
