namespace LoadBalancing.Client.Simulation;

/// <summary>A balancer set or cleared a flag of a backend.</summary>
public sealed record AvailabilityEvent
{
    /// <summary>When.</summary>
    public required double Seconds { get; init; }

    /// <summary>Whose balancer; from 0.</summary>
    public required int Client { get; init; }

    /// <summary>The backend's id.</summary>
    public required string Backend { get; init; }

    /// <summary>Which flag.</summary>
    public required Unavailability Flag { get; init; }

    /// <summary>Whether it was set; else it was cleared.</summary>
    public required bool IsSet { get; init; }

    /// <summary>Why it was set, for example <c>5 failures in a row</c>; <see langword="null"/> when it was cleared.</summary>
    public string? Cause { get; init; }
}
