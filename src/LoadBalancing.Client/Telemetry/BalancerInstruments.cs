using System.Diagnostics;
using System.Diagnostics.Metrics;
using LoadBalancing.Client.Backends;

namespace LoadBalancing.Client.Telemetry;

/// <summary>The instruments of one balancer. When nobody listens, a pick and its completion each read one flag here.</summary>
internal sealed class BalancerInstruments : IDisposable
{
    private static readonly BackendSlot<Peer> PeerSlot = new();

    private readonly string _service;
    private readonly Meter? _ownMeter;
    private readonly Counter<long> _picks;
    private readonly Histogram<double> _attemptDuration;
    private readonly Counter<long> _rebuilds;
    private readonly Counter<long> _discoveryFailures;
    private readonly Counter<long> _ejections;
    private readonly Counter<long> _refusedEjections;
    private readonly Counter<long> _circuitTransitions;
    private readonly Histogram<double> _probeDuration;
    private readonly Counter<long> _panics;
    private Func<IReadOnlyList<BackendState>>? _listed;
    private Func<IReadOnlyList<BackendState>>? _leaving;
    private Func<int>? _outside;
    private Func<int>? _serviceLevel;

    /// <param name="service">The balancer's name.</param>
    /// <param name="meters">Makes the meter, and owns it; without one, the meter is this object's own.</param>
    public BalancerInstruments(string service, IMeterFactory? meters)
    {
        _service = service;
        Meter meter = Meter = meters?.Create(new MeterOptions(LoadBalancingTelemetry.MeterName)) ?? (_ownMeter = new Meter(LoadBalancingTelemetry.MeterName));
        _picks = meter.CreateCounter<long>(LoadBalancingTelemetry.Picks, "{pick}", "Picks of a backend.");
        _attemptDuration = meter.CreateHistogram<double>(LoadBalancingTelemetry.AttemptDuration, "s", "Time from the pick to the response headers.");
        _rebuilds = meter.CreateCounter<long>(LoadBalancingTelemetry.Rebuilds, "{rebuild}", "Snapshots published.");
        _discoveryFailures = meter.CreateCounter<long>(LoadBalancingTelemetry.DiscoveryFailures, "{failure}", "Failures of a backend source.");
        _ejections = meter.CreateCounter<long>(LoadBalancingTelemetry.Ejections, "{ejection}", "Ejections by outlier detection.");
        _refusedEjections = meter.CreateCounter<long>(LoadBalancingTelemetry.RefusedEjections, "{ejection}", "Ejections that the cap did not allow.");
        _circuitTransitions = meter.CreateCounter<long>(LoadBalancingTelemetry.CircuitTransitions, "{transition}", "Moves of circuit breakers.");
        _probeDuration = meter.CreateHistogram<double>(LoadBalancingTelemetry.ProbeDuration, "s", "Time that active health checks take.");
        _panics = meter.CreateCounter<long>(LoadBalancingTelemetry.Panics, "{panic}", "How often a priority tier has begun to fail open.");
        meter.CreateObservableUpDownCounter(LoadBalancingTelemetry.ActiveAttempts, () => _listed is { } all && _leaving is { } gone ? MeasureActive(all(), gone()) : [], "{attempt}", "Attempts in flight.");
        meter.CreateObservableUpDownCounter(LoadBalancingTelemetry.Backends, () => _listed is { } all && _outside is { } outside ? MeasureBackends(all(), outside()) : [], "{backend}", "Backends, by state.");
        meter.CreateObservableGauge(LoadBalancingTelemetry.ServiceLevel, () => _serviceLevel is { } level ? [new Measurement<int>(level(), ServiceTags())] : Array.Empty<Measurement<int>>(), "{level}", "The service level: 3 full, 2 reduced, 1 critical, 0 none.");
    }

    /// <summary>The meter, for instruments that others keep for the same balancer.</summary>
    public Meter Meter { get; }

    /// <summary>Whether to tag with the backend's address.</summary>
    public bool RecordPeers { get; set; } = true;

    public bool CountsPicks => _picks.Enabled;

    public bool TimesAttempts => _attemptDuration.Enabled;

    public bool TimesProbes => _probeDuration.Enabled;

    /// <summary>Says where the observable instruments look; until then they show nothing.</summary>
    /// <param name="listed">The current backends.</param>
    /// <param name="leaving">Backends that are no longer listed but still have attempts in flight.</param>
    /// <param name="outside">How many listed backends are not in this client's subset.</param>
    /// <param name="serviceLevel">The service level as a number.</param>
    public void Observe(Func<IReadOnlyList<BackendState>> listed, Func<IReadOnlyList<BackendState>> leaving, Func<int> outside, Func<int> serviceLevel)
    {
        _leaving = leaving;
        _outside = outside;
        _listed = listed;
        _serviceLevel = serviceLevel;
    }

    public void CountPick(PickReasons reasons)
    {
        TagList tags = ServiceTags();
        if (reasons != PickReasons.None)
        {
            tags.Add(LoadBalancingTelemetry.ReasonTag, ReasonName(reasons));
        }

        _picks.Add(1, tags);
    }

    public void CountNoBackend()
    {
        TagList tags = ServiceTags();
        tags.Add(LoadBalancingTelemetry.ErrorTypeTag, "no_backend");
        _picks.Add(1, tags);
    }

    public void RecordAttempt(BackendState backend, in Outcome outcome, TimeSpan latency)
    {
        TagList tags = ServiceTags();
        AddPeer(ref tags, backend);
        if (outcome.ErrorType is { } errorType)
        {
            tags.Add(LoadBalancingTelemetry.ErrorTypeTag, errorType);
        }
        else if (outcome.IsFailure || outcome.Kind == OutcomeKind.Canceled)
        {
            tags.Add(LoadBalancingTelemetry.ErrorTypeTag, outcome.Kind switch { OutcomeKind.ConnectFailed => "connect_failed", OutcomeKind.Canceled => "canceled", _ => "failed" });
        }

        _attemptDuration.Record(latency.TotalSeconds, tags);
    }

    public void CountRebuild() => _rebuilds.Add(1, ServiceTags());

    public void CountDiscoveryFailure(Exception? exception)
    {
        TagList tags = ServiceTags();
        tags.Add(LoadBalancingTelemetry.ErrorTypeTag, exception is null ? "stream_ended" : exception.GetType().FullName);
        _discoveryFailures.Add(1, tags);
    }

    public void CountEjection(BackendState backend, string? kind) => _ejections.Add(1, EjectionTags(backend, kind));

    public void CountRefusedEjection(BackendState backend, string? kind) => _refusedEjections.Add(1, EjectionTags(backend, kind));

    public void CountCircuitTransition(BackendState backend, CircuitState to)
    {
        TagList tags = ServiceTags();
        AddPeer(ref tags, backend);
        tags.Add(LoadBalancingTelemetry.CircuitStateTag, AvailabilityText.Of(to));
        _circuitTransitions.Add(1, tags);
    }

    public void RecordProbe(BackendState backend, TimeSpan duration, string? errorType)
    {
        TagList tags = ServiceTags();
        AddPeer(ref tags, backend);
        if (errorType is not null)
        {
            tags.Add(LoadBalancingTelemetry.ErrorTypeTag, errorType);
        }

        _probeDuration.Record(duration.TotalSeconds, tags);
    }

    public void CountPanic(int priority)
    {
        TagList tags = ServiceTags();
        tags.Add(LoadBalancingTelemetry.PriorityTag, priority);
        _panics.Add(1, tags);
    }

    /// <summary>A factory's meter outlives this, and so do its instruments: they let go of the balancer.</summary>
    public void Dispose()
    {
        _listed = null;
        _leaving = null;
        _serviceLevel = null;
        _ownMeter?.Dispose();
    }

    private static string ReasonName(PickReasons reasons) => reasons switch
    {
        _ when reasons.HasFlag(PickReasons.FailOpen) => "fail_open",
        _ when reasons.HasFlag(PickReasons.ExcludedReused) => "excluded_reused",
        _ when reasons.HasFlag(PickReasons.Repicked) => "repicked",
        _ when reasons.HasFlag(PickReasons.NoHash) => "no_hash",
        _ when reasons.HasFlag(PickReasons.SpilledTier) => "spilled_tier",
        _ => "spilled_zone",
    };

    private TagList ServiceTags() => new() { { LoadBalancingTelemetry.ServiceTag, _service } };

    private TagList EjectionTags(BackendState backend, string? kind)
    {
        TagList tags = ServiceTags();
        AddPeer(ref tags, backend);
        if (kind is not null)
        {
            tags.Add(LoadBalancingTelemetry.EjectionKindTag, kind);
        }

        return tags;
    }

    private void AddPeer(ref TagList tags, BackendState backend)
    {
        if (!RecordPeers)
        {
            return;
        }

        Peer? peer = PeerSlot.Get(backend);
        if (peer is null)
        {
            Uri address = backend.Description.Address;
            PeerSlot.Set(backend, peer = new Peer(address.IdnHost, address.Port));
        }

        tags.Add(LoadBalancingTelemetry.PeerAddressTag, peer.Address);
        tags.Add(LoadBalancingTelemetry.PeerPortTag, peer.Port);
    }

    private IEnumerable<Measurement<long>> MeasureActive(IReadOnlyList<BackendState> listed, IReadOnlyList<BackendState> leaving)
    {
        if (!RecordPeers)
        {
            return [new Measurement<long>(listed.Concat(leaving).Sum(backend => (long)backend.InFlight), ServiceTags())];
        }

        return listed.Concat(leaving).GroupBy(backend => backend.Description.Address).Select(backends =>
        {
            TagList tags = ServiceTags();
            AddPeer(ref tags, backends.First());
            return new Measurement<long>(backends.Sum(backend => (long)backend.InFlight), tags);
        });
    }

    private IEnumerable<Measurement<long>> MeasureBackends(IReadOnlyList<BackendState> listed, int outside)
    {
        IEnumerable<(string State, int Count)> states = listed.GroupBy(AvailabilityText.Of, StringComparer.Ordinal).Select(backends => (State: backends.Key, Count: backends.Count()));
        return (outside > 0 ? states.Append((State: AvailabilityText.OutsideSubset, Count: outside)) : states).Select(state =>
        {
            TagList tags = ServiceTags();
            tags.Add(LoadBalancingTelemetry.StateTag, state.State);
            return new Measurement<long>(state.Count, tags);
        });
    }

    /// <summary>The tag values of one backend; the port is boxed once.</summary>
    private sealed class Peer(string address, int port)
    {
        public string Address { get; } = address;

        public object Port { get; } = port;
    }
}
