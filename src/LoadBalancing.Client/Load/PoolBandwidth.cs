namespace LoadBalancing.Client.Load;

/// <summary>The bandwidths of one snapshot's eligible backends, per weight, and what is ordinary among them.</summary>
internal sealed class PoolBandwidth : IRefreshable
{
    private readonly Bandwidth[] _backends;
    private readonly double[]? _lnInverseWeights;
    private readonly PoolMeans _means;
    private double _nothing;
    private long _bytes;
    private long _attempts;

    /// <param name="backends">The bandwidths.</param>
    /// <param name="lnInverseWeights">The logarithms of their inverse weights; <see langword="null"/> when all weigh the same.</param>
    /// <param name="now">The timestamp now.</param>
    /// <param name="isWhole">Whether these are the pool as the balancer has it. What is ordinary in the part that a viewer sees, for as long as it looks, is nothing to charge errors by.</param>
    public PoolBandwidth(Bandwidth[] backends, double[]? lnInverseWeights, long now, bool isWhole = true)
    {
        _backends = backends;
        _lnInverseWeights = lnInverseWeights;
        _means = new PoolMeans(Array.Find(backends, backend => backend.Means is not null)?.Means);
        (_bytes, _attempts) = Count();
        _means.Update(ComputeMean(), 0, 0);
        _nothing = ComputeNothing(now);
        for (int i = 0; i < backends.Length && isWhole; i++)
        {
            backends[i].Join(_means, lnInverseWeights is null ? 0 : lnInverseWeights[i]);
        }
    }

    /// <summary>The level of one backend per weight. Less than a byte is nothing: what was sent once must not keep a backend from being picked for ever where little is sent.</summary>
    public double LevelOf(int index) => Math.Max(OwnLevelOf(index), Volatile.Read(ref _nothing));

    public double BytesPerSecond(int index) => _backends[index].BytesPerSecond;

    /// <inheritdoc/>
    public void Refresh(long now)
    {
        (long bytes, long attempts) = Count();
        _means.Update(ComputeMean(), bytes - _bytes, attempts - _attempts);
        _bytes = bytes;
        _attempts = attempts;
        Volatile.Write(ref _nothing, ComputeNothing(now));
    }

    private double OwnLevelOf(int index) =>
        _lnInverseWeights is null ? _backends[index].Level : _backends[index].Level + _lnInverseWeights[index];

    private double ComputeNothing(long now) => _backends.Length == 0 ? 0 : _backends[0].LevelOf(1, now);

    private (long Bytes, long Attempts) Count()
    {
        long bytes = 0;
        long attempts = 0;
        foreach (Bandwidth backend in _backends)
        {
            bytes += backend.Bytes;
            attempts += backend.Attempts;
        }

        return (bytes, attempts);
    }

    private double ComputeMean()
    {
        // Exponentials relative to the largest, so that none overflows.
        double largest = double.NegativeInfinity;
        for (int i = 0; i < _backends.Length; i++)
        {
            largest = Math.Max(largest, OwnLevelOf(i));
        }

        if (double.IsNegativeInfinity(largest))
        {
            return largest;
        }

        double sum = 0;
        for (int i = 0; i < _backends.Length; i++)
        {
            sum += Math.Exp(OwnLevelOf(i) - largest);
        }

        return largest + Math.Log(sum / _backends.Length);
    }
}
