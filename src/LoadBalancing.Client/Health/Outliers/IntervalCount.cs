using System.Globalization;

namespace LoadBalancing.Client.Health.Outliers;

/// <summary>How the attempts on one backend went in one interval.</summary>
internal readonly record struct IntervalCount(OutlierJudge Judge, long Succeeded, long Failed)
{
    public long Attempts => Succeeded + Failed;

    /// <summary>In per cent.</summary>
    public double SuccessRate => 100.0 * Succeeded / Attempts;

    /// <summary>Those whose success rate is below mean − factor · σ, the worst first; none when there are too few to compare.</summary>
    public static List<(IntervalCount Count, string Cause)> FindBySuccessRate(IReadOnlyList<IntervalCount> all, SuccessRateEjectionOptions options)
    {
        IntervalCount[] counts = [.. all.Where(count => count.Attempts >= options.RequestVolume)];
        if (counts.Length == 0 || counts.Length < options.MinimumHosts)
        {
            return [];
        }

        double mean = counts.Average(count => count.SuccessRate);
        double variance = counts.Average(count => (count.SuccessRate - mean) * (count.SuccessRate - mean));
        double threshold = mean - (options.StdevFactor * Math.Sqrt(variance));
        return [.. counts.Where(count => IsBelow(count.SuccessRate, threshold)).OrderBy(count => count.SuccessRate).Select(count => (count, Describe(count)))];

        string Describe(IntervalCount count) => string.Create(CultureInfo.InvariantCulture, $"success rate {count.SuccessRate:0.##} % is below {threshold:0.##} %");
    }

    /// <summary>Those whose failures make up the threshold or more, the worst first; none when there are too few to judge.</summary>
    public static List<(IntervalCount Count, string Cause)> FindByFailurePercentage(IReadOnlyList<IntervalCount> all, FailurePercentageEjectionOptions options)
    {
        IntervalCount[] counts = [.. all.Where(count => count.Attempts >= options.RequestVolume)];
        return counts.Length < options.MinimumHosts
            ? []
            : [.. counts.Where(count => count.Failed * 100 >= options.Threshold * count.Attempts).OrderBy(count => count.SuccessRate).Select(count => (count, Describe(count)))];

        static string Describe(IntervalCount count) => string.Create(CultureInfo.InvariantCulture, $"{count.Failed} of {count.Attempts} attempts failed");
    }

    /// <summary>Where all do equally well, rounding alone can put the mean above every one of them: what is within rounding is not below.</summary>
    private static bool IsBelow(double rate, double threshold) => rate < threshold - 1e-9;
}
