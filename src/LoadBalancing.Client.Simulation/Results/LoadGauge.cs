namespace LoadBalancing.Client.Simulation.Results;

/// <summary>A number that changes now and then: its mean over each interval, and mean and maximum over the time that counts.</summary>
internal sealed class LoadGauge(IntervalGrid grid)
{
    /// <summary>Value × seconds, per interval.</summary>
    private readonly double[] _sums = new double[grid.Count];
    private double _counted;
    private double _since;
    private int _value;

    public long Max { get; private set; }

    /// <summary>The mean over the time after the warm-up.</summary>
    public double Mean => _counted / (grid.Duration - grid.WarmUp);

    public double MeanOf(int interval) => _sums[interval] / grid.LengthOf(interval);

    public void Set(double now, int value)
    {
        if (now > _since)
        {
            Accumulate(Math.Min(now, grid.Duration));
            _since = now;
        }

        _value = value;
        if (value > Max && now >= grid.WarmUp && now < grid.Duration)
        {
            Max = value;
        }
    }

    /// <summary>The duration is over.</summary>
    public void Close() => Set(Math.Max(_since, grid.Duration), _value);

    private void Accumulate(double until)
    {
        if (_value == 0 || _since >= until)
        {
            return;
        }

        if (until > grid.WarmUp)
        {
            _counted += _value * (until - Math.Max(_since, grid.WarmUp));
            Max = Math.Max(Max, _value);
        }

        double from = _since;
        for (int index = grid.IndexOf(from); from < until; index++)
        {
            double end = index + 1 < _sums.Length ? Math.Min(until, (index + 1) * grid.Length) : until;
            _sums[index] += _value * (end - from);
            from = end;
        }
    }
}
