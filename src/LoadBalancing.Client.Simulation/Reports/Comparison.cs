using System.Text;

namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>Two files of results side by side: a table for each policy that both have, or, where each has only one, for these.</summary>
internal static class Comparison
{
    /// <summary>How shares are written is no format of a number.</summary>
    private const string Share = "";

    private static readonly Line[] Lines =
    [
        new("requests", summary => summary.Requests, NumberText.Whole),
        new("success", summary => summary.SuccessRate, Share),
        new("failures", summary => summary.Failures, NumberText.Whole),
        new("timeouts", summary => summary.Timeouts, NumberText.Whole),
        new("retries", summary => summary.Retries, NumberText.Whole),
        new("mean ms", summary => summary.MeanMs, NumberText.TwoDigits),
        new("p50 ms", summary => summary.P50Ms, NumberText.TwoDigits),
        new("p90 ms", summary => summary.P90Ms, NumberText.TwoDigits),
        new("p99 ms", summary => summary.P99Ms, NumberText.TwoDigits),
        new("p99.9 ms", summary => summary.P999Ms, NumberText.TwoDigits),
        new("max ms", summary => summary.MaxMs, NumberText.TwoDigits),
        new("max/mean load", summary => summary.MaxOverMeanLoad, NumberText.TwoDigits),
    ];

    /// <param name="first">Its name and what is in it.</param>
    /// <param name="second">Its name and what is in it.</param>
    /// <exception cref="ScenarioException">There is nothing to compare.</exception>
    public static string Create((string Name, IReadOnlyList<RunSummary> Summaries) first, (string Name, IReadOnlyList<RunSummary> Summaries) second)
    {
        (RunSummary A, RunSummary B)[] pairs =
        [
            .. first.Summaries.Join(second.Summaries, summary => summary.Policy, summary => summary.Policy, (a, b) => (a, b), StringComparer.Ordinal),
        ];
        if (pairs.Length == 0)
        {
            pairs = (first.Summaries, second.Summaries) is ([var a], [var b])
                ? [(a, b)]
                : throw new ScenarioException($"{first.Name} and {second.Name}: no policy in common: {Names(first.Summaries)} and {Names(second.Summaries)}; must have one, or each only one policy");
        }

        StringBuilder text = new();
        foreach ((RunSummary a, RunSummary b) in pairs)
        {
            text.Append(CreateTable(a, b, first.Name, second.Name)).AppendLine();
        }

        if (FindDifference(pairs) is { } difference)
        {
            text.AppendLine(difference).AppendLine();
        }

        RunSummary[] alone = [.. first.Summaries.Concat(second.Summaries).Where(summary => !Array.Exists(pairs, pair => ReferenceEquals(pair.A, summary) || ReferenceEquals(pair.B, summary)))];
        return alone.Length == 0 ? text.ToString() : text.Append("Only in one of them: ").AppendJoin(", ", alone.Select(summary => summary.Policy)).AppendLine().ToString();
    }

    private static string Names(IReadOnlyList<RunSummary> summaries) => summaries.Count == 0 ? "none" : string.Join(", ", summaries.Select(summary => summary.Policy));

    /// <summary>A sign that the files are not about the same traffic: what differs then is not the policy's doing.</summary>
    private static string? FindDifference((RunSummary A, RunSummary B)[] pairs) =>
        Array.Exists(pairs, pair => !pair.A.PerBackend.Select(backend => backend.Id).SequenceEqual(pair.B.PerBackend.Select(backend => backend.Id), StringComparer.Ordinal))
            ? "The backends are not the same: these are runs of different scenarios."
            : Array.Exists(pairs, pair => pair.A.Requests != pair.B.Requests)
                ? "The numbers of requests differ: these are runs of different scenarios, or with different seeds."
                : null;

    private static TextTable CreateTable(RunSummary a, RunSummary b, string first, string second)
    {
        bool isSamePolicy = a.Policy == b.Policy;
        TextTable table = isSamePolicy ? new(a.Policy, first, second, "difference", "") : new("", $"{a.Policy} ({first})", $"{b.Policy} ({second})", "difference", "");
        foreach (Line line in Lines)
        {
            table.Add(line.Compare(a, b));
        }

        return table;
    }

    /// <summary>One number of both.</summary>
    /// <param name="Name">What it is called.</param>
    /// <param name="Read">Where it is.</param>
    /// <param name="Format">How it is written; <see cref="Share"/> for percent.</param>
    private sealed record Line(string Name, Func<RunSummary, double> Read, string Format)
    {
        public string[] Compare(RunSummary a, RunSummary b)
        {
            (double before, double after) = (Read(a), Read(b));
            return Format == Share
                ? [Name, SuccessText.Create(a), SuccessText.Create(b), SuccessText.Difference(a, b), ""]
                : [Name, NumberText.Format(before, Format), NumberText.Format(after, Format), NumberText.Difference(after - before, Format), before == 0 ? "" : $"{NumberText.Difference(100 * (after - before) / before, "0.0")} %"];
        }
    }
}
