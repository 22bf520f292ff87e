namespace LoadBalancing.Client.Http.Resilience.Hedging;

/// <summary>What it takes to hedge the requests of one handler.</summary>
/// <param name="MaxHedges">How many hedges a request may have.</param>
/// <param name="Timing">When they are sent.</param>
internal sealed record HedgingSettings(int MaxHedges, HedgeTiming Timing);
