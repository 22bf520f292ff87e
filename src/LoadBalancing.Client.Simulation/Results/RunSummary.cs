namespace LoadBalancing.Client.Simulation;

/// <summary>What one policy did with the traffic of a scenario, in numbers: one object of the JSON file. Requests that arrive in the warm-up are not in it.</summary>
public sealed record RunSummary
{
    /// <summary>The policy, as it was asked for.</summary>
    public required string Policy { get; init; }

    /// <summary>How many requests there were: successes, failures and timeouts.</summary>
    public required long Requests { get; init; }

    /// <summary>Requests that were answered in time.</summary>
    public required long Successes { get; init; }

    /// <summary>Requests that ended with an error, or found no backend.</summary>
    public required long Failures { get; init; }

    /// <summary>Requests that were not answered in time.</summary>
    public required long Timeouts { get; init; }

    /// <summary>Attempts beyond the first of a request: retries and hedges.</summary>
    public required long Retries { get; init; }

    /// <summary>The share of successes, from 0 to 1; 0 when there were no requests.</summary>
    public required double SuccessRate { get; init; }

    /// <summary>The mean time that a caller waited, in milliseconds: until the answer, the error, or until it gave up.</summary>
    public required double MeanMs { get; init; }

    /// <summary>Half of the requests took no longer than this, in milliseconds.</summary>
    public required double P50Ms { get; init; }

    /// <summary>90 % of the requests took no longer than this, in milliseconds.</summary>
    public required double P90Ms { get; init; }

    /// <summary>99 % of the requests took no longer than this, in milliseconds.</summary>
    public required double P99Ms { get; init; }

    /// <summary>99.9 % of the requests took no longer than this, in milliseconds.</summary>
    public required double P999Ms { get; init; }

    /// <summary>The longest time that a request took, in milliseconds.</summary>
    public required double MaxMs { get; init; }

    /// <summary>The attempts on the backend that had the most, divided by those on the average backend; 0 when there were none.</summary>
    public required double MaxOverMeanLoad { get; init; }

    /// <summary>The backends, in the scenario's order.</summary>
    public required IReadOnlyList<BackendSummary> PerBackend { get; init; }
}
