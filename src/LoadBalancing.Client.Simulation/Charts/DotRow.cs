namespace LoadBalancing.Client.Simulation.Charts;

/// <summary>A row of dots.</summary>
/// <param name="Name">What stands above it.</param>
/// <param name="Style">The colour of its dots.</param>
/// <param name="Values">One for each kind of dot, none lower than the one before it; <see cref="double.NaN"/> for none.</param>
/// <param name="Labels">What stands below each.</param>
internal sealed record DotRow(string Name, string Style, IReadOnlyList<double> Values, IReadOnlyList<string> Labels);
