namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>A number of the summary.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Read">Where it is.</param>
/// <param name="Write">How it is written.</param>
/// <param name="Best">Which one is the best: 1 the highest, −1 the lowest, 0 none.</param>
internal sealed record SummaryColumn(string Name, Func<RunSummary, double> Read, Func<RunSummary, string> Write, int Best)
{
    public static IReadOnlyList<SummaryColumn> All { get; } =
    [
        Count("requests", summary => summary.Requests, 0),
        new("success", summary => summary.Successes / (double)summary.Requests, SuccessText.Create, 1) { IsComparedExactly = true },
        Count("failures", summary => summary.Failures, -1),
        Count("timeouts", summary => summary.Timeouts, -1),
        Count("retries", summary => summary.Retries, 0),
        Latency("mean ms", summary => summary.MeanMs),
        Latency("p50 ms", summary => summary.P50Ms),
        Latency("p90 ms", summary => summary.P90Ms),
        Latency("p99 ms", summary => summary.P99Ms),
        Latency("p99.9 ms", summary => summary.P999Ms),
        Latency("max ms", summary => summary.MaxMs),
        new("max/mean load", summary => summary.MaxOverMeanLoad, summary => NumberText.Decimal(summary.MaxOverMeanLoad), 0),
    ];

    /// <summary>Whether one lost request more is worse, although both may be written alike.</summary>
    public bool IsComparedExactly { get; private init; }

    /// <summary>Whether a policy has the best value; that says something only where not all have it. What had no requests did nothing well. Where differences that nobody reads do not matter, values are what is written.</summary>
    public bool IsBest(RunSummary summary, IReadOnlyList<RunSummary> all)
    {
        RunSummary[] some = [.. all.Where(each => each.Requests > 0)];
        if (Best == 0 || summary.Requests == 0)
        {
            return false;
        }

        RunSummary best = (Best > 0 ? some.MaxBy(Read) : some.MinBy(Read))!;
        return IsSame(summary, best) && !some.All(each => IsSame(each, best));
    }

    private static SummaryColumn Count(string name, Func<RunSummary, long> read, int best) => new(name, summary => read(summary), summary => NumberText.Count(read(summary)), best);

    private static SummaryColumn Latency(string name, Func<RunSummary, double> read) => new(name, read, summary => NumberText.Milliseconds(read(summary)), -1);

    private bool IsSame(RunSummary a, RunSummary b) => IsComparedExactly ? Read(a) == Read(b) : Write(a) == Write(b);
}
