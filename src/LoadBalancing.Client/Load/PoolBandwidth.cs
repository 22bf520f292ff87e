namespace LoadBalancing.Client.Load;

/// <summary>The bandwidths of one snapshot's eligible backends, and their mean, which stands in for that of a failing one: it sends little, and must not look idle for it.</summary>
internal sealed class PoolBandwidth : IRefreshable
{
    private readonly Bandwidth[] _backends;
    private readonly double _meanRise;
    private double _mean;

    /// <param name="backends">The bandwidths.</param>
    /// <param name="decaysPerRefresh">
    /// How much every level rises from one refresh to the next while rates stay as they are. Backends in balance send so nearly the same that a mean which is always late would be below all of them;
    /// so it is given for the middle of the time until the next refresh.
    /// </param>
    public PoolBandwidth(Bandwidth[] backends, double decaysPerRefresh)
    {
        _backends = backends;
        _meanRise = decaysPerRefresh / 2;
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

    /// <summary>The mean of those that do not fail.</summary>
    private double ComputeMean()
    {
        // Exponentials relative to the largest, so that none overflows.
        double largest = double.NegativeInfinity;
        foreach (Bandwidth backend in _backends)
        {
            largest = Math.Max(largest, backend.Level);
        }

        double sum = 0;
        int count = 0;
        foreach (Bandwidth backend in _backends)
        {
            if (!backend.IsFailing)
            {
                sum += Math.Exp(backend.Level - largest);
                count++;
            }
        }

        return sum > 0 ? largest + Math.Log(sum / count) + _meanRise : double.NegativeInfinity;
    }
}
