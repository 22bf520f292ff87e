namespace LoadBalancing.Client.Simulation.Charts;

/// <summary>One of the states that a lane shows.</summary>
/// <param name="Style">How it looks.</param>
/// <param name="Steps">From when on, in seconds, which share of those who are meant are in it, from 0 to 1; in the order of time; before the first, none.</param>
internal sealed record LanePart(string Style, IReadOnlyList<(double From, double Share)> Steps);
