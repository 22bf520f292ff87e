using System.Globalization;
using System.Text;

namespace LoadBalancing.Client.Simulation.Results;

/// <summary>Two files of results side by side: a table for each policy that both have, or, where they have none in common, for the first of each, the second, and so on.</summary>
internal static class Comparison
{
    private static readonly (string Name, Func<RunSummary, double> Read, bool IsShare)[] Lines =
    [
        ("requests", summary => summary.Requests, false),
        ("success rate", summary => summary.SuccessRate, true),
        ("failures", summary => summary.Failures, false),
        ("timeouts", summary => summary.Timeouts, false),
        ("retries", summary => summary.Retries, false),
        ("mean ms", summary => summary.MeanMs, false),
        ("p50 ms", summary => summary.P50Ms, false),
        ("p90 ms", summary => summary.P90Ms, false),
        ("p99 ms", summary => summary.P99Ms, false),
        ("p99.9 ms", summary => summary.P999Ms, false),
        ("max ms", summary => summary.MaxMs, false),
        ("max/mean load", summary => summary.MaxOverMeanLoad, false),
    ];

    /// <param name="first">Its name and what is in it.</param>
    /// <param name="second">Its name and what is in it.</param>
    public static string Create((string Name, IReadOnlyList<RunSummary> Summaries) first, (string Name, IReadOnlyList<RunSummary> Summaries) second)
    {
        (RunSummary A, RunSummary B)[] pairs =
        [
            .. first.Summaries.Join(second.Summaries, summary => summary.Policy, summary => summary.Policy, (a, b) => (a, b), StringComparer.Ordinal),
        ];
        if (pairs.Length == 0)
        {
            pairs = [.. first.Summaries.Zip(second.Summaries)];
        }

        StringBuilder text = new();
        foreach ((RunSummary a, RunSummary b) in pairs)
        {
            text.Append(CreateTable(a, b, first.Name, second.Name)).AppendLine();
        }

        RunSummary[] alone = [.. first.Summaries.Concat(second.Summaries).Where(summary => !Array.Exists(pairs, pair => ReferenceEquals(pair.A, summary) || ReferenceEquals(pair.B, summary)))];
        return alone.Length == 0 ? text.ToString() : text.Append("Only in one of them: ").AppendJoin(", ", alone.Select(summary => summary.Policy)).AppendLine().ToString();
    }

    private static TextTable CreateTable(RunSummary a, RunSummary b, string first, string second)
    {
        bool isSamePolicy = a.Policy == b.Policy;
        TextTable table = isSamePolicy ? new(a.Policy, first, second, "difference", "") : new("", $"{a.Policy} ({first})", $"{b.Policy} ({second})", "difference", "");
        foreach ((string name, Func<RunSummary, double> read, bool isShare) in Lines)
        {
            (double before, double after) = (read(a), read(b));
            string relative = before == 0 || isShare ? "" : string.Create(CultureInfo.InvariantCulture, $"{NumberText.Difference(100 * (after - before) / before, "0.0")} %");
            table.Add(name, Format(before, isShare), Format(after, isShare), FormatDifference(after - before, isShare), relative);
        }

        return table;
    }

    private static string Format(double value, bool isShare) =>
        isShare ? NumberText.Percent(value) : double.IsInteger(value) ? NumberText.Count((long)value) : NumberText.Decimal(value);

    private static string FormatDifference(double value, bool isShare) =>
        isShare ? $"{NumberText.Difference(100 * value, "0.00")} points" : NumberText.Difference(value, double.IsInteger(value) ? "#,0" : "#,0.00");
}
