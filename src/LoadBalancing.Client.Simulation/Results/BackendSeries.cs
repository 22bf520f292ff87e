namespace LoadBalancing.Client.Simulation;

/// <summary>One backend over time.</summary>
public sealed record BackendSeries
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>The group of the scenario that it belongs to.</summary>
    public required string Group { get; init; }

    /// <summary>One for each of <see cref="RunResult.Intervals"/>.</summary>
    public required IReadOnlyList<BackendInterval> Intervals { get; init; }
}
