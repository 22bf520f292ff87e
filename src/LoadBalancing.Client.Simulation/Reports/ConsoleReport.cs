using System.Globalization;
using System.Text;

namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>What a run says on the console: a line per policy, and who got how much of the traffic.</summary>
internal static class ConsoleReport
{
    public static string Create(Scenario scenario, IReadOnlyList<RunResult> results)
    {
        StringBuilder text = new();
        text.AppendLine(scenario.Name);
        if (scenario.Description is { } description)
        {
            text.AppendLine(description);
        }

        text.AppendLine();
        foreach (string sentence in SetupText.DescribePlainly(scenario.Plan))
        {
            text.AppendLine(sentence);
        }

        string warmUp = scenario.Plan.WarmUp > 0 ? $" What arrives in the first {NumberText.Seconds(scenario.Plan.WarmUp)} does not count." : "";
        text.AppendLine(CultureInfo.InvariantCulture, $"Seed {scenario.Seed}.{warmUp}").AppendLine();
        text.Append(CreateTable(results)).AppendLine();
        text.AppendLine("Share of attempts").AppendLine().Append(CreateShares(results));
        string[] notices = [.. results.SelectMany(result => result.Notices).Distinct(StringComparer.Ordinal)];
        foreach (string notice in notices)
        {
            text.AppendLine().AppendLine(notice);
        }

        return text.ToString();
    }

    private static TextTable CreateTable(IReadOnlyList<RunResult> results)
    {
        TextTable table = new(["policy", .. SummaryColumn.All.Select(column => column.Name)]);
        foreach (RunSummary summary in results.Select(result => result.Summary))
        {
            table.Add([summary.Policy, .. SummaryColumn.All.Select(column => column.Write(summary))]);
        }

        return table;
    }

    private static TextTable CreateShares(IReadOnlyList<RunResult> results)
    {
        TextTable table = new(["backends", .. results.Select(result => result.Summary.Policy)]);
        ILookup<string, int> groups = results[0].Backends.Select((backend, index) => (backend.Group, index)).ToLookup(backend => backend.Group, backend => backend.index, StringComparer.Ordinal);
        foreach (IGrouping<string, int> group in groups)
        {
            string name = group.Count() == 1 ? group.Key : FormattableString.Invariant($"{group.Key} ({group.Count()})");
            table.Add([name, .. results.Select(result => NumberText.Percent(group.Sum(index => result.Summary.PerBackend[index].Share)))]);
        }

        return table;
    }
}
