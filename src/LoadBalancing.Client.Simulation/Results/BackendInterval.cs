namespace LoadBalancing.Client.Simulation;

/// <summary>One backend in one interval.</summary>
public readonly record struct BackendInterval
{
    /// <summary>Attempts that were sent to it.</summary>
    public required long Requests { get; init; }

    /// <summary>Its share of the attempts on all backends, from 0 to 1; 0 when there were none.</summary>
    public required double Share { get; init; }

    /// <summary>Attempts that failed there in this interval.</summary>
    public required long Failures { get; init; }

    /// <summary>How many attempts were there on average, working or waiting.</summary>
    public required double MeanInFlight { get; init; }

    /// <summary>How many of these waited on average.</summary>
    public required double MeanQueue { get; init; }
}
