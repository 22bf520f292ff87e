namespace LoadBalancing.Client.Simulation.Results;

/// <summary>The intervals of the series: of a round length, and not more than a chart can show.</summary>
internal sealed class IntervalGrid
{
    private const int Most = 120;

    /// <summary>What comes just when an interval begins belongs to it, although the roundings of both times differ.</summary>
    private const double Tolerance = 1e-9;

    private static readonly double[] RoundSeconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600];

    public IntervalGrid(double duration, double warmUp)
    {
        Duration = duration;
        WarmUp = warmUp;
        Length = RoundSeconds.FirstOrDefault(length => duration <= length * Most, RoundSeconds[^1] * 2);
        Count = (int)Math.Ceiling(duration / Length);
    }

    /// <summary>How long requests arrive, in seconds.</summary>
    public double Duration { get; }

    /// <summary>Until when nothing counts.</summary>
    public double WarmUp { get; }

    public double Length { get; }

    public int Count { get; }

    public bool IsCounted(double time) => time >= WarmUp;

    /// <summary>The interval of a time within the duration.</summary>
    public int IndexOf(double time) => Math.Min((int)((time / Length) + Tolerance), Count - 1);

    /// <summary>How long an interval is; the last may be shorter.</summary>
    public double LengthOf(int index) => Math.Min(Length, Duration - (index * Length));
}
