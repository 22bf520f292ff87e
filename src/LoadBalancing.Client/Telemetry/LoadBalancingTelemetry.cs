namespace LoadBalancing.Client;

/// <summary>The names of everything that is measured: meter, instruments, tags. Stable; after OpenTelemetry's semantic conventions where they have a name.</summary>
public static class LoadBalancingTelemetry
{
    /// <summary>The meter: <c>LoadBalancing.Client</c>.</summary>
    public const string MeterName = "LoadBalancing.Client";

    /// <summary>Counter, {pick}: picks, by service and, where there was one, by <see cref="ReasonTag"/>; a pick that found no backend has <see cref="ErrorTypeTag"/> <c>no_backend</c>.</summary>
    public const string Picks = "loadbalancing.client.picks";

    /// <summary>Histogram, seconds: from the pick to the response headers, by service, backend and error type.</summary>
    public const string AttemptDuration = "loadbalancing.client.attempt.duration";

    /// <summary>Up-down counter, {attempt}: attempts in flight, by service and backend.</summary>
    public const string ActiveAttempts = "loadbalancing.client.attempts.active";

    /// <summary>Up-down counter, {backend}: backends, by service and <see cref="StateTag"/>.</summary>
    public const string Backends = "loadbalancing.client.backends";

    /// <summary>Counter, {rebuild}: how often a new snapshot was published, by service.</summary>
    public const string Rebuilds = "loadbalancing.client.rebuilds";

    /// <summary>Counter, {failure}: failures of a backend source, by service and error type.</summary>
    public const string DiscoveryFailures = "loadbalancing.client.discovery.failures";

    /// <summary>Counter, {ejection}: ejections by outlier detection, by service, backend and <see cref="EjectionKindTag"/>.</summary>
    public const string Ejections = "loadbalancing.client.ejections";

    /// <summary>Counter, {ejection}: ejections that there would have been, had the cap of the tier not been reached; by service, backend and <see cref="EjectionKindTag"/>.</summary>
    public const string RefusedEjections = "loadbalancing.client.ejections.refused";

    /// <summary>Tag: what gave the backend away: <c>consecutive_failures</c>, <c>success_rate</c> or <c>failure_percentage</c>.</summary>
    public const string EjectionKindTag = "loadbalancing.ejection.kind";

    /// <summary>Counter, {transition}: moves of circuit breakers, by service, backend and <see cref="CircuitStateTag"/>.</summary>
    public const string CircuitTransitions = "loadbalancing.client.circuit.transitions";

    /// <summary>Histogram, seconds: how long active health checks take, by service, backend and error type.</summary>
    public const string ProbeDuration = "loadbalancing.client.probe.duration";

    /// <summary>Counter, {panic}: how often a priority tier has begun to fail open, by service and <see cref="PriorityTag"/>.</summary>
    public const string Panics = "loadbalancing.client.panics";

    /// <summary>Gauge, {level}: the service level as a number, from 3 (full) to 0 (none), by service.</summary>
    public const string ServiceLevel = "loadbalancing.client.service.level";

    /// <summary>The source of spans, one per attempt over HTTP: <c>LoadBalancing.Client</c>.</summary>
    public const string ActivitySourceName = "LoadBalancing.Client";

    /// <summary>Counter, {retry}: requests over HTTP that were sent again, by service and by the error type of the attempt before.</summary>
    public const string Retries = "loadbalancing.client.retries";

    /// <summary>Counter, {attempt}: additional attempts that the budget did not allow, by service.</summary>
    public const string BudgetExhausted = "loadbalancing.client.budget.exhausted";

    /// <summary>Tag of a span: how many times the request was sent before; absent the first time.</summary>
    public const string ResendCountTag = "http.request.resend_count";

    /// <summary>Tag of a span: the status of the answer.</summary>
    public const string StatusCodeTag = "http.response.status_code";

    /// <summary>Tag of a span: the id of the backend.</summary>
    public const string BackendTag = "loadbalancing.backend.id";

    /// <summary>Tag of a span: what the attempt says about its backend: <c>succeeded</c>, <c>failed</c>, <c>connect_failed</c>, <c>canceled</c> or <c>none</c>.</summary>
    public const string OutcomeTag = "loadbalancing.attempt.outcome";

    /// <summary>Counter, {hedge}: requests that were sent to a further backend while others were at it, by service and <see cref="HedgeOutcomeTag"/>.</summary>
    public const string Hedges = "loadbalancing.client.hedges";

    /// <summary>Tag of a span: <see langword="true"/> for a hedge; absent otherwise.</summary>
    public const string HedgeTag = "loadbalancing.attempt.hedge";

    /// <summary>Tag: what has become of a hedge: <c>won</c>, <c>lost</c>, <c>failed</c> or <c>canceled</c>.</summary>
    public const string HedgeOutcomeTag = "loadbalancing.hedge.outcome";

    /// <summary>Up-down counter, {request}: requests that wait because every backend is at its cap, by service.</summary>
    public const string QueueLength = "loadbalancing.client.queue.length";

    /// <summary>Histogram, seconds: how long requests waited that had to, by service and, where they got no backend, error type: <c>timeout</c>, <c>canceled</c> or <c>no_backend</c>.</summary>
    public const string QueueDuration = "loadbalancing.client.queue.duration";

    /// <summary>Counter, {request}: requests that were refused because as many as may were waiting already, by service.</summary>
    public const string QueueRefusals = "loadbalancing.client.queue.refusals";

    /// <summary>Tag: a priority tier; 0 is tried first.</summary>
    public const string PriorityTag = "loadbalancing.priority";

    /// <summary>Tag: the state that a circuit has moved to: <c>closed</c>, <c>open</c> or <c>half_open</c>.</summary>
    public const string CircuitStateTag = "loadbalancing.circuit.state";

    /// <summary>Tag: the logical service, which is the balancer's name.</summary>
    public const string ServiceTag = "server.address";

    /// <summary>Tag: the host of the backend.</summary>
    public const string PeerAddressTag = "network.peer.address";

    /// <summary>Tag: the port of the backend.</summary>
    public const string PeerPortTag = "network.peer.port";

    /// <summary>Tag: what kind of failure; absent on success.</summary>
    public const string ErrorTypeTag = "error.type";

    /// <summary>Tag: the state of a backend: <c>eligible</c>, <c>zero_weight</c>, or the most deliberate reason that keeps it out (<c>isolated</c>, <c>draining</c>, <c>circuit_open</c>, <c>ejected</c>, <c>probe_failed</c>).</summary>
    public const string StateTag = "loadbalancing.backend.state";

    /// <summary>Tag: why a pick was out of the ordinary, for example <c>fail_open</c> or <c>repicked</c>; absent on ordinary ones.</summary>
    public const string ReasonTag = "loadbalancing.pick.reason";
}
