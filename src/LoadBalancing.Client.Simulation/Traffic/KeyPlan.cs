namespace LoadBalancing.Client.Simulation.Traffic;

/// <summary>Which keys requests have, for policies that choose by hash.</summary>
/// <param name="Count">How many different ones.</param>
/// <param name="Skew">The exponent of Zipf's law: 0 is all alike; with 1, the second is asked for half as often as the first.</param>
internal sealed record KeyPlan(int Count, double Skew);
