namespace LoadBalancing.Client.Simulation;

/// <summary>One backend over time.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Group">The group of the scenario that it belongs to.</param>
/// <param name="Intervals">One for each of <see cref="RunResult.Intervals"/>.</param>
public sealed record BackendSeries(string Id, string Group, IReadOnlyList<BackendInterval> Intervals);
