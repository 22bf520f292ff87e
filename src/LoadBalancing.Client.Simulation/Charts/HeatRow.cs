namespace LoadBalancing.Client.Simulation.Charts;

/// <summary>A row of a heat map.</summary>
/// <param name="Group">What it belongs to.</param>
/// <param name="Name">What it is.</param>
/// <param name="Values">One for each interval.</param>
internal sealed record HeatRow(string Group, string Name, IReadOnlyList<double> Values);
