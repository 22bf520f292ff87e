namespace LoadBalancing.Client.Simulation.Charts;

/// <summary>What a chart is made of, in figures.</summary>
/// <param name="Caption">What it is.</param>
/// <param name="Header">The names of the columns.</param>
/// <param name="Rows">The first cell of each is the name of the row.</param>
internal sealed record ChartTable(string Caption, IReadOnlyList<string> Header, IReadOnlyList<IReadOnlyList<string>> Rows);
