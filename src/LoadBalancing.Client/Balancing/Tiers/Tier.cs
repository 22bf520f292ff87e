using LoadBalancing.Client.Balancing.Zones;

namespace LoadBalancing.Client.Balancing.Tiers;

/// <summary>The backends of one priority while a snapshot is built.</summary>
internal sealed class Tier(int priority, Census census)
{
    public int Priority { get; } = priority;

    public Census Census { get; } = census;

    /// <summary>Its share of the load in per cent.</summary>
    public int Load { get; set; }

    /// <summary>Whether all of its backends are used that nobody took out on purpose.</summary>
    public bool FailsOpen { get; set; }

    /// <summary>How its load is spread over zones; <see langword="null"/> where zones play no part.</summary>
    public ZoneSplit? Zones { get; set; }

    /// <summary>All of it as one pool, once it is made.</summary>
    public BackendSet? Set { get; set; }

    public TierView ToView() => new(Priority, Load, FailsOpen, Zones, Census.EligibleCount, Census.UsableCount);
}
