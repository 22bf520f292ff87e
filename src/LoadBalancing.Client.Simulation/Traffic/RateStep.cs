namespace LoadBalancing.Client.Simulation.Traffic;

/// <summary>From a time on, in seconds, requests arrive at this rate.</summary>
internal readonly record struct RateStep(double From, double PerSecond);
