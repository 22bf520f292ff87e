namespace LoadBalancing.Client.Balancing;

/// <summary>
/// Numbers the pools of one balancer, so that a policy can keep memory per pool across rebuilds: each tier, and each zone of a tier, has its own. Numbers are kept for good: a pool that is gone may
/// come back, and there are only so many zones. Guarded by the writers' lock.
/// </summary>
internal sealed class PoolNumbers
{
    private readonly Dictionary<(int Priority, string? Zone), int> _numbers = [];

    /// <summary>The number of a tier, or of a zone of it.</summary>
    public int Of(int priority, string? zone = null)
    {
        if (!_numbers.TryGetValue((priority, zone), out int number))
        {
            _numbers.Add((priority, zone), number = _numbers.Count);
        }

        return number;
    }
}
