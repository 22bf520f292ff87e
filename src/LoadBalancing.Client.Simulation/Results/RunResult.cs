namespace LoadBalancing.Client.Simulation;

/// <summary>What one policy did with the traffic of a scenario: numbers, and how they came about.</summary>
public sealed record RunResult
{
    /// <summary>The numbers.</summary>
    public required RunSummary Summary { get; init; }

    /// <summary>How long an interval of the series is.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>Requests that arrive before this are in the series, but not in the summary.</summary>
    public required TimeSpan WarmUp { get; init; }

    /// <summary>The requests, by the interval in which they arrived; from 0 to the end of the scenario.</summary>
    public required IReadOnlyList<IntervalResult> Intervals { get; init; }

    /// <summary>The backends, in the scenario's order.</summary>
    public required IReadOnlyList<BackendSeries> Backends { get; init; }

    /// <summary>What balancers found out about backends, and what was done by them: ejections, failed probes, drains; in the order of time.</summary>
    public required IReadOnlyList<AvailabilityEvent> AvailabilityEvents { get; init; }

    /// <summary>What circuit breakers did, in the order of time.</summary>
    public required IReadOnlyList<CircuitEvent> CircuitEvents { get; init; }

    /// <summary>What balancers had to say that a user should know, such as that a policy makes no use of weights; each once.</summary>
    public required IReadOnlyList<string> Notices { get; init; }
}
