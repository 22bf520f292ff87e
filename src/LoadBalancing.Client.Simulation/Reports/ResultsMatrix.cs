using System.Globalization;
using System.Text;

namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>What many scenarios came to, at a look: a table in Markdown with a row for each and a column for each policy.</summary>
internal static class ResultsMatrix
{
    private static readonly SummaryColumn Success = SummaryColumn.All.Single(column => column.Name == "success");

    /// <param name="scenarios">The rows.</param>
    /// <param name="createLink">Makes a link to the section of a scenario.</param>
    public static string Create(IReadOnlyList<PlayedScenario> scenarios, Func<string, string> createLink)
    {
        // What one scenario tries alone would be a column of empty cells.
        string[] policies =
        [
            .. scenarios.SelectMany(played => played.Results).GroupBy(result => result.Summary.Policy, StringComparer.Ordinal)
                .Where(group => group.Count() > 1 || scenarios.Count == 1)
                .Select(group => group.Key),
        ];
        StringBuilder text = new();
        text.Append("| scenario | ").AppendJoin(" | ", policies.Select(policy => $"`{policy}`")).Append(" |\n");
        text.Append("|---|").AppendJoin("", policies.Select(_ => "--:|")).Append('\n');
        foreach (PlayedScenario played in scenarios)
        {
            RunSummary[] all = [.. played.Results.Select(result => result.Summary).Where(summary => policies.Contains(summary.Policy, StringComparer.Ordinal))];
            IEnumerable<string> cells = policies.Select(policy => Array.Find(all, summary => summary.Policy == policy) is { } summary ? CreateCell(summary, all) : "");
            text.Append(CultureInfo.InvariantCulture, $"| {createLink(played.Name)} | ").AppendJoin(" | ", cells).Append(" |\n");
        }

        return text.ToString();
    }

    private static string CreateCell(RunSummary summary, IReadOnlyList<RunSummary> all) => summary.Requests == 0
        ? "–"
        : $"{(Success.IsBest(summary, all) ? $"**{SuccessText.Create(summary)}**" : SuccessText.Create(summary))}<br>{NumberText.Short(summary.P99Ms)} ms";
}
