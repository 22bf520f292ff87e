namespace LoadBalancing.Client.Simulation;

/// <summary>What one backend had to do.</summary>
public sealed record BackendSummary
{
    /// <summary>The backend's id.</summary>
    public required string Id { get; init; }

    /// <summary>Attempts that were sent to it.</summary>
    public required long Requests { get; init; }

    /// <summary>Its share of all attempts, from 0 to 1.</summary>
    public required double Share { get; init; }

    /// <summary>Attempts that failed there: errors, refused and lost connections, attempt timeouts. One that its caller gave up is none.</summary>
    public required long Failures { get; init; }

    /// <summary>How many attempts were there on average over the time after the warm-up, those of all clients, working or waiting.</summary>
    public required double MeanInFlight { get; init; }

    /// <summary>How many there were at most in that time.</summary>
    public required long MaxInFlight { get; init; }
}
