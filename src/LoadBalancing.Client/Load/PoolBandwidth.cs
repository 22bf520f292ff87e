namespace LoadBalancing.Client.Load;

/// <summary>The bandwidths of one snapshot's eligible backends, and their mean, which stands in for that of a failing one: it sends little, and must not look idle for it.</summary>
internal sealed class PoolBandwidth : IRefreshable
{
    private readonly Bandwidth[] _backends;
    private double _mean;

    public PoolBandwidth(Bandwidth[] backends)
    {
        _backends = backends;
        _mean = ComputeMean();
    }

    /// <summary>The level of one backend, or the mean's if the backend fails and sends less.</summary>
    public double LevelOf(int index)
    {
        Bandwidth backend = _backends[index];
        double level = backend.Level;
        return backend.IsFailing ? Math.Max(level, Volatile.Read(ref _mean)) : level;
    }

    public double BytesPerSecond(int index) => _backends[index].BytesPerSecond;

    public bool IsFailing(int index) => _backends[index].IsFailing;

    /// <inheritdoc/>
    public void Refresh(long now) => Volatile.Write(ref _mean, ComputeMean());

    /// <summary>The logarithm of the mean of the exponentials, relative to the largest, so that none overflows.</summary>
    private double ComputeMean()
    {
        double largest = double.NegativeInfinity;
        foreach (Bandwidth backend in _backends)
        {
            largest = Math.Max(largest, backend.Level);
        }

        if (double.IsNegativeInfinity(largest))
        {
            return largest;
        }

        double sum = 0;
        foreach (Bandwidth backend in _backends)
        {
            sum += Math.Exp(backend.Level - largest);
        }

        return largest + Math.Log(sum / _backends.Length);
    }
}
