namespace LoadBalancing.Client.Balancing;

/// <summary>What a pick reads: one consistent view of the backends and the picker over it. Immutable; replaced by one volatile write.</summary>
/// <param name="backends">All listed backends, and those that may receive attempts in any tier.</param>
/// <param name="picker">Chooses among them.</param>
/// <param name="isLive">Whether picks may use it as it is; a balancer that has not started or is disposed has to look first.</param>
/// <param name="usesHash">Whether a pick without a hash is worth a mark.</param>
/// <param name="loadByPriority">Where there are several priority tiers, the share of each in per cent.</param>
internal sealed class Snapshot(BackendSet backends, Picker picker, bool isLive, bool usesHash, IReadOnlyDictionary<int, int> loadByPriority)
{
    public BackendSet Backends { get; } = backends;

    public Picker Picker { get; } = picker;

    public bool IsLive { get; } = isLive;

    public bool UsesHash { get; } = usesHash;

    public IReadOnlyDictionary<int, int> LoadByPriority { get; } = loadByPriority;

    public Snapshot WithLive(bool isLive) => new(Backends, Picker, isLive, UsesHash, LoadByPriority);
}
