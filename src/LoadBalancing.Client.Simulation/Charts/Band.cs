namespace LoadBalancing.Client.Simulation.Charts;

/// <summary>An area over time.</summary>
/// <param name="Style">Its colour.</param>
/// <param name="Upper">Where it ends above, one for each interval; <see cref="double.NaN"/> where there is none.</param>
/// <param name="Lower">Where it ends below.</param>
internal sealed record Band(string Style, IReadOnlyList<double> Upper, IReadOnlyList<double> Lower);
