using LoadBalancing.Client.Balancing.Tiers;
using LoadBalancing.Client.Balancing.Views;

namespace LoadBalancing.Client.Balancing;

/// <summary>What a pick reads: one consistent view of the backends and the picker over it. Immutable; replaced by one volatile write.</summary>
/// <param name="backends">All listed backends, and those that may receive attempts in any tier.</param>
/// <param name="picker">Chooses among them.</param>
/// <param name="isLive">Whether picks may use it as it is; a balancer that has not started or is disposed has to look first.</param>
/// <param name="usesHash">Whether a pick without a hash is worth a mark.</param>
/// <param name="tiers">The priority tiers, in order; empty when nothing is listed.</param>
/// <param name="eligibleShare">The share of eligible weight among the backends that nobody took out on purpose; 0 only if nothing is eligible.</param>
/// <param name="serviceLevel">What follows from that.</param>
internal sealed class Snapshot(BackendSet backends, Picker picker, bool isLive, bool usesHash, IReadOnlyList<TierView> tiers, double eligibleShare, ServiceLevel serviceLevel)
{
    public BackendSet Backends { get; } = backends;

    public Picker Picker { get; } = picker;

    public bool IsLive { get; } = isLive;

    public bool UsesHash { get; } = usesHash;

    public IReadOnlyList<TierView> Tiers { get; } = tiers;

    public double EligibleShare { get; } = eligibleShare;

    public ServiceLevel ServiceLevel { get; } = serviceLevel;

    /// <summary>What views are built from.</summary>
    public required ViewBasis Basis { get; init; }

    public Snapshot WithLive(bool isLive) => new(Backends, Picker, isLive, UsesHash, Tiers, EligibleShare, ServiceLevel) { Basis = Basis };
}
