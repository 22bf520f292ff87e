using LoadBalancing.Client.Balancing.Zones;

namespace LoadBalancing.Client.Balancing.Tiers;

/// <summary>How a priority tier stands in a snapshot.</summary>
/// <param name="Priority">Its number; lower is tried first.</param>
/// <param name="Load">Its share of the load in per cent.</param>
/// <param name="FailsOpen">Whether it panics: all of its backends are used that nobody took out on purpose.</param>
/// <param name="Zones">How its load is spread over zones; <see langword="null"/> where zones play no part.</param>
/// <param name="EligibleCount">How many of its backends may receive attempts.</param>
/// <param name="UsableCount">How many of its backends nobody took out on purpose.</param>
internal sealed record TierView(int Priority, int Load, bool FailsOpen, ZoneSplit? Zones, int EligibleCount, int UsableCount);
