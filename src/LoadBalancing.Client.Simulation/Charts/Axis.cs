using System.Globalization;

namespace LoadBalancing.Client.Simulation.Charts;

/// <summary>What an axis covers, and where its ticks are: round numbers, from zero or logarithmic. Immutable.</summary>
internal sealed class Axis
{
    private const int Steps = 4;
    private const int TimeSteps = 6;

    /// <summary>From this ratio of the highest to the lowest value on, the lower ones would lie on the base line of a linear axis.</summary>
    private const double LogarithmicRatio = 25;

    private const double Tolerance = 1e-9;

    private static readonly double[] LongSteps = [10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 14_400, 21_600];

    private readonly double _unit;

    private Axis(double from, double to, IReadOnlyList<double> ticks, string title, double unit = 1, bool isLogarithmic = false)
    {
        From = from;
        To = to;
        Ticks = ticks;
        Title = title;
        IsLogarithmic = isLogarithmic;
        _unit = unit;
    }

    public double From { get; }

    public double To { get; }

    public IReadOnlyList<double> Ticks { get; }

    /// <summary>What it measures, with its unit.</summary>
    public string Title { get; }

    public bool IsLogarithmic { get; }

    /// <summary>From zero to a round number that is not below <paramref name="highest"/>.</summary>
    /// <param name="title">What it measures, with its unit.</param>
    /// <param name="highest">The highest value; an axis of nothing goes to 1.</param>
    /// <param name="steps">How many steps it should have at most, or a few less.</param>
    public static Axis FromZero(string title, double highest, int steps = Steps)
    {
        double top = highest > 0 ? highest : 1;
        double step = RoundStep(top / steps);
        int count = (int)Math.Ceiling((top / step) - Tolerance);
        return new Axis(0, count * step, [.. Enumerable.Range(0, count + 1).Select(index => index * step)], title);
    }

    /// <summary>For values above zero: linear from zero, or logarithmic where that would press most of them on the base line. Values of zero, which stand for nothing, are left out of account.</summary>
    /// <param name="title">What it measures, with its unit.</param>
    /// <param name="values">What it must cover.</param>
    /// <param name="steps">How many steps it should have at most, or a few less.</param>
    public static Axis ForLatencies(string title, IEnumerable<double> values, int steps = Steps)
    {
        double[] positive = [.. values.Where(value => value > 0)];
        return positive.Length > 0 && positive.Max() / positive.Min() >= LogarithmicRatio
            ? Logarithmic(title + " (log scale)", positive.Min(), positive.Max(), steps + 3)
            : FromZero(title, positive.DefaultIfEmpty(0).Max(), steps);
    }

    /// <summary>Time from zero to <paramref name="seconds"/>, in seconds, minutes or hours.</summary>
    public static Axis OfTime(double seconds)
    {
        double wanted = seconds / TimeSteps;
        double step = wanted <= LongSteps[0] / 2 ? RoundStep(wanted) : LongSteps.FirstOrDefault(round => round >= wanted, LongSteps[^1]);
        (double unit, string name) = step switch
        {
            >= 3600 => (3600, "h"),
            >= 60 => (60, "min"),
            _ => (1, "s"),
        };
        int count = (int)Math.Floor((seconds / step) + Tolerance);
        return new Axis(0, seconds, [.. Enumerable.Range(0, count + 1).Select(index => index * step)], $"time, {name}", unit);
    }

    /// <summary>Where a value is: 0 at the beginning of the axis, 1 at its end, and never beyond.</summary>
    public double PositionOf(double value)
    {
        double position = IsLogarithmic ? (Math.Log10(Math.Max(value, From)) - Math.Log10(From)) / (Math.Log10(To) - Math.Log10(From)) : (value - From) / (To - From);
        return Math.Clamp(position, 0, 1);
    }

    /// <summary>What stands at a tick.</summary>
    public string LabelOf(double tick) => Math.Round(tick / _unit, 6).ToString("#,0.######", CultureInfo.InvariantCulture);

    private static Axis Logarithmic(string title, double lowest, double highest, int mostTicks)
    {
        int first = (int)Math.Floor(Math.Log10(lowest) + Tolerance);
        int last = (int)Math.Ceiling(Math.Log10(highest) - Tolerance);
        double[] powers = [.. Enumerable.Range(first, last - first + 1).Select(exponent => Math.Pow(10, exponent))];
        double[] fine = [.. powers.SelectMany(power => new[] { power, 2 * power, 5 * power })];
        int from = Array.FindLastIndex(fine, tick => tick <= lowest * (1 + Tolerance));
        int to = Array.FindIndex(fine, tick => tick >= highest * (1 - Tolerance));
        double[] ticks = fine[from..(to + 1)];
        if (ticks.Length > mostTicks)
        {
            // Every power of ten, or every second, and so on; an axis ends at ticks.
            int step = (powers.Length + mostTicks - 2) / (mostTicks - 1);
            int steps = (powers.Length - 2 + step) / step;
            ticks = [.. Enumerable.Range(0, steps + 1).Select(index => Math.Pow(10, first + (index * step)))];
        }

        return new Axis(ticks[0], ticks[^1], ticks, title, isLogarithmic: true);
    }

    /// <summary>The smallest of 1, 2, 2.5, 5 and 10 times a power of ten that is not below <paramref name="wanted"/>.</summary>
    private static double RoundStep(double wanted)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(wanted)));
        return new[] { 1, 2, 2.5, 5, 10 }.Select(digit => digit * power).First(step => step >= wanted * (1 - Tolerance));
    }
}
