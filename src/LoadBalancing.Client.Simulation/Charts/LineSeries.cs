namespace LoadBalancing.Client.Simulation.Charts;

/// <summary>A line over time.</summary>
/// <param name="Name">What stands beside its end.</param>
/// <param name="Style">Its colour and dashes, as <see cref="ChartStyle.LineOf(int)"/> gives them.</param>
/// <param name="Values">One for each interval; <see cref="double.NaN"/> where there is none.</param>
internal sealed record LineSeries(string Name, string Style, IReadOnlyList<double> Values);
