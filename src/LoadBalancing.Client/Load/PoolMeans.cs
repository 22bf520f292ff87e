namespace LoadBalancing.Client.Load;

/// <summary>What is ordinary in a pool: how much a backend sends per weight, and how many bytes an attempt has. A failing attempt is charged by it. One thread writes at a time, any may read.</summary>
internal sealed class PoolMeans
{
    /// <summary>The attempts over which their bytes are averaged: enough for sizes that differ much, few enough to follow.</summary>
    private const double Memory = 1000;

    private double _level = double.NegativeInfinity;
    private double _attemptBytes;
    private double _bytes;
    private double _attempts;

    /// <param name="before">What was ordinary before the pool changed.</param>
    public PoolMeans(PoolMeans? before)
    {
        if (before is not null)
        {
            _attemptBytes = before.AttemptBytes;
            _bytes = before._bytes;
            _attempts = before._attempts;
        }
    }

    /// <summary>The mean of <see cref="Bandwidth.Level"/> per weight; negative infinity while nothing was sent.</summary>
    public double Level => Volatile.Read(ref _level);

    /// <summary>The mean bytes of an attempt that was answered; 0 while nothing was sent.</summary>
    public double AttemptBytes => Volatile.Read(ref _attemptBytes);

    /// <summary>Takes what has come since the last time.</summary>
    public void Update(double level, long bytes, long attempts)
    {
        _bytes += bytes;
        _attempts += attempts;

        // Error pages are on their way: they are counted when they have arrived.
        if (_attempts >= 1)
        {
            Volatile.Write(ref _attemptBytes, Math.Max(_bytes, 0) / _attempts);
            double kept = Math.Min(1, Memory / _attempts);
            _bytes *= kept;
            _attempts *= kept;
        }

        Volatile.Write(ref _level, level);
    }
}
