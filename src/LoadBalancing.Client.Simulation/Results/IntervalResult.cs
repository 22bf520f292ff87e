namespace LoadBalancing.Client.Simulation;

/// <summary>The requests that arrived in one interval. Latencies are 0 when there were none.</summary>
public sealed record IntervalResult
{
    /// <summary>When it began.</summary>
    public required double StartSeconds { get; init; }

    /// <summary>How many arrived.</summary>
    public required long Requests { get; init; }

    /// <summary>How many of these were answered in time.</summary>
    public required long Successes { get; init; }

    /// <summary>How many ended with an error, or found no backend.</summary>
    public required long Failures { get; init; }

    /// <summary>How many were not answered in time.</summary>
    public required long Timeouts { get; init; }

    /// <summary>Half of them took no longer than this, in milliseconds.</summary>
    public required double P50Ms { get; init; }

    /// <summary>90 % of them took no longer than this, in milliseconds.</summary>
    public required double P90Ms { get; init; }

    /// <summary>99 % of them took no longer than this, in milliseconds.</summary>
    public required double P99Ms { get; init; }

    /// <summary>The longest time that one of them took, in milliseconds.</summary>
    public required double MaxMs { get; init; }
}
