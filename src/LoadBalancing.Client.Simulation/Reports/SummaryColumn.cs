namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>A number of the summary.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Read">Where it is.</param>
/// <param name="Write">How it is written.</param>
/// <param name="Best">Which one is the best: 1 the highest, −1 the lowest, 0 none.</param>
internal sealed record SummaryColumn(string Name, Func<RunSummary, double> Read, Func<double, string> Write, int Best)
{
    public static IReadOnlyList<SummaryColumn> All { get; } =
    [
        new("requests", summary => summary.Requests, Whole, 0),
        new("answered in time", summary => summary.SuccessRate, NumberText.Percent, 1),
        new("failed", summary => summary.Failures, Whole, -1),
        new("timed out", summary => summary.Timeouts, Whole, -1),
        new("retries", summary => summary.Retries, Whole, 0),
        new("mean ms", summary => summary.MeanMs, NumberText.Milliseconds, -1),
        new("p50 ms", summary => summary.P50Ms, NumberText.Milliseconds, -1),
        new("p90 ms", summary => summary.P90Ms, NumberText.Milliseconds, -1),
        new("p99 ms", summary => summary.P99Ms, NumberText.Milliseconds, -1),
        new("p99.9 ms", summary => summary.P999Ms, NumberText.Milliseconds, -1),
        new("max ms", summary => summary.MaxMs, NumberText.Milliseconds, -1),
        new("busiest / mean", summary => summary.MaxOverMeanLoad, NumberText.Decimal, 0),
    ];

    /// <summary>Whether a policy has the best value, as it is written; that says something only where not all have it. What had no requests did nothing well.</summary>
    public bool IsBest(RunSummary summary, IReadOnlyList<RunSummary> all)
    {
        double[] values = [.. all.Where(each => each.Requests > 0).Select(Read)];
        return Best != 0 && summary.Requests > 0 && values.Select(Write).Distinct(StringComparer.Ordinal).Skip(1).Any() && Write(Read(summary)) == Write(Best > 0 ? values.Max() : values.Min());
    }

    private static string Whole(double value) => NumberText.Format(value, NumberText.Whole);
}
