namespace LoadBalancing.Client.Load;

/// <summary>
/// The bandwidths of one snapshot's eligible backends, per weight, and their mean, which stands in for that of a failing one: it sends little, and must not look idle for it.
/// </summary>
internal sealed class PoolBandwidth : IRefreshable
{
    private readonly Bandwidth[] _backends;
    private readonly double[]? _lnInverseWeights;
    private readonly double _meanRise;
    private double _mean;

    /// <param name="backends">The bandwidths.</param>
    /// <param name="lnInverseWeights">The logarithms of their inverse weights; <see langword="null"/> when all weigh the same.</param>
    /// <param name="decaysPerRefresh">
    /// How much every level rises from one refresh to the next while rates stay as they are. Backends in balance send so nearly the same that a mean which is always late would be below all of them;
    /// so it is given for the middle of the time until the next refresh.
    /// </param>
    public PoolBandwidth(Bandwidth[] backends, double[]? lnInverseWeights, double decaysPerRefresh)
    {
        _backends = backends;
        _lnInverseWeights = lnInverseWeights;
        _meanRise = decaysPerRefresh / 2;
        _mean = ComputeMean();
    }

    /// <summary>The level of one backend per weight, or the mean's if the backend fails and sends less.</summary>
    public double LevelOf(int index)
    {
        double level = OwnLevelOf(index);
        return _backends[index].IsFailing ? Math.Max(level, Volatile.Read(ref _mean)) : level;
    }

    public double BytesPerSecond(int index) => _backends[index].BytesPerSecond;

    public bool IsFailing(int index) => _backends[index].IsFailing;

    /// <inheritdoc/>
    public void Refresh(long now) => Volatile.Write(ref _mean, ComputeMean());

    private double OwnLevelOf(int index) =>
        _lnInverseWeights is null ? _backends[index].Level : _backends[index].Level + _lnInverseWeights[index];

    /// <summary>The mean of those that do not fail.</summary>
    private double ComputeMean()
    {
        // Exponentials relative to the largest, so that none overflows.
        double largest = double.NegativeInfinity;
        for (int i = 0; i < _backends.Length; i++)
        {
            largest = Math.Max(largest, OwnLevelOf(i));
        }

        double sum = 0;
        int count = 0;
        for (int i = 0; i < _backends.Length; i++)
        {
            if (!_backends[i].IsFailing)
            {
                sum += Math.Exp(OwnLevelOf(i) - largest);
                count++;
            }
        }

        return sum > 0 ? largest + Math.Log(sum / count) + _meanRise : double.NegativeInfinity;
    }
}
