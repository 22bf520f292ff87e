namespace LoadBalancing.Client.Simulation.Charts;

/// <summary>What a line is called, for where there is no room for that beside its end.</summary>
internal sealed record LegendEntry(string Name, string Style);
