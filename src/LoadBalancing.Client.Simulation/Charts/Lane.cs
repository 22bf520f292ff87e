namespace LoadBalancing.Client.Simulation.Charts;

/// <summary>What was so, and when.</summary>
/// <param name="Name">Who.</param>
/// <param name="What">What.</param>
/// <param name="Parts">The states that it can have, those that mean most first.</param>
internal sealed record Lane(string Name, string What, IReadOnlyList<LanePart> Parts);

/// <summary>One state of a lane.</summary>
/// <param name="Style">How it looks.</param>
/// <param name="Steps">From when on, in seconds, which share of those who are meant are in it, from 0 to 1; before the first, none.</param>
internal sealed record LanePart(string Style, IReadOnlyList<(double From, double Share)> Steps);
