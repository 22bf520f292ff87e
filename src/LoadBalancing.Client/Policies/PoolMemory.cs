namespace LoadBalancing.Client.Policies;

/// <summary>What one factory remembers per pool, by <see cref="BackendSet.Pool"/>, until the pool is gone. Guarded by the balancer's writer lock.</summary>
internal sealed class PoolMemory<T>
    where T : class
{
    private readonly Dictionary<int, T> _byPool = [];

    public T? Find(int pool) => _byPool.GetValueOrDefault(pool);

    public T Set(int pool, T memory) => _byPool[pool] = memory;

    /// <summary>Forgets all pools but these.</summary>
    public void Retain(ReadOnlySpan<int> pools)
    {
        foreach (int pool in _byPool.Keys)
        {
            if (!pools.Contains(pool))
            {
                _byPool.Remove(pool);
            }
        }
    }
}
