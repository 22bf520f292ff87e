namespace LoadBalancing.Client.Simulation.Charts;

/// <summary>What was so, and when.</summary>
/// <param name="Name">Who.</param>
/// <param name="What">What.</param>
/// <param name="Parts">The states that it can have, those that mean most first.</param>
internal sealed record Lane(string Name, string What, IReadOnlyList<LanePart> Parts);
