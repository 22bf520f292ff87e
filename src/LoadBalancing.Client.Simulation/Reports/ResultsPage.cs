using System.Globalization;
using System.Text;
using LoadBalancing.Client.Http.Resilience;
using LoadBalancing.Client.Simulation.Charts;

namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>The page with the results of many scenarios, in Markdown, and its charts: a section for each, with what to look for, the figures, and how to get them again. Nothing in it depends on when or where it was made.</summary>
internal sealed class ResultsPage
{
    private readonly IReadOnlyList<PlayedScenario> _scenarios;
    private readonly string _scenarioFolder;
    private readonly string _scenarioLink;
    private readonly string _path;
    private readonly string _name;

    /// <param name="scenarios">In the order of the page.</param>
    /// <param name="scenarioFolder">The folder of the files, as commands name it.</param>
    /// <param name="scenarioLink">The same, as seen from the page.</param>
    /// <param name="path">The page, as commands name it. Its charts are in a folder beside it, which has its name without the extension.</param>
    public ResultsPage(IReadOnlyList<PlayedScenario> scenarios, string scenarioFolder, string scenarioLink, string path)
    {
        _scenarios = scenarios;
        _scenarioFolder = scenarioFolder;
        _scenarioLink = scenarioLink;
        _path = path;
        _name = Path.GetFileNameWithoutExtension(path);
    }

    /// <summary>The charts of a scenario: what their files are called, and what is in them.</summary>
    public static IEnumerable<(string FileName, Chart Chart)> CreateCharts(PlayedScenario played)
    {
        yield return ($"{played.Name}-latency.svg", LatencyCharts.CreatePercentiles(played.Results));
        if (AvailabilityChart.Create(played.Scenario, played.Results) is { } availability)
        {
            yield return ($"{played.Name}-availability.svg", availability);
        }

        // Where nothing happens, each moment is like any other.
        if (Happenings.Find(played.Scenario.Plan).Count == 0)
        {
            yield break;
        }

        if (AreErrorsTheMatter(played.Results) && OutcomeChart.Create(played.Scenario, played.Results) is { } outcomes)
        {
            yield return ($"{played.Name}-outcomes.svg", outcomes);
        }
        else
        {
            yield return ($"{played.Name}-time.svg", LatencyCharts.CreateOverTime(played.Scenario, played.Results));
        }
    }

    /// <summary>The whole page.</summary>
    public string Create() => string.Join('\n', [CreateBeginning(), .. _scenarios.Select(CreateSection)]);

    private string CreateBeginning() => $"""
        # Results

        What each policy does in the {_scenarios.Count} scenarios of [`{_scenarioFolder}/`]({_scenarioLink}): files that anybody can read, change and play again. The balancer is the one that applications use; only time, network and backends are made up.

        It has the defaults of an application but for two: **no retries and no attempt timeout**, unless a scenario sets them (an application has three attempts, and 10 s for each). With three attempts several of these situations would cost no request; without, one sees what policy and circuit breaker do by themselves.

        - **success**: the share of requests that were answered in time, rounded down; **failures** ended with an error or found no backend, **timeouts** were not answered in time. **mean, p50, p90, p99, p99.9**: how long a caller waited, in milliseconds: until the answer, the error, or until it gave up.
        - **retries**: attempts beyond the first of a request. **max/mean load**: attempts on the backend that had the most, divided by those on the average one.
        - What arrives in the warm-up is only in the charts over time.

        Written by `lb-sim results {_scenarioFolder} {_path}`, which writes the same again, since the same seed gives the same numbers. In a copy of the source, `lb-sim` is `dotnet run -c Release --project src/LoadBalancing.Client.Simulation --`.
        Only where a processor or an operating system rounds the last digit of a logarithm otherwise, figures may differ as they do between seeds.

        ## Overview

        Success, and below it p99; the highest success of a row in bold where they differ. Policies that only one scenario has are in its section.

        {ResultsMatrix.Create(_scenarios, name => $"[{name}](#{Anchor(name)})")}
        """.ReplaceLineEndings("\n");

    private string CreateSection(PlayedScenario played)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"## {played.Name}\n\n");
        if (played.Scenario.Description is { } description)
        {
            text.Append(CultureInfo.InvariantCulture, $"**{description}**\n\n");
        }

        text.Append(SetupText.Describe(played.Scenario.Plan)).Append("\n\n");
        text.Append("| policy | success | mean | p50 | p90 | p99 | p99.9 | retries | max/mean load |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|\n");
        foreach (RunSummary summary in played.Results.Select(result => result.Summary))
        {
            text.Append("| ").AppendJoin(" | ", CreateCells(summary)).Append(" |\n");
        }

        text.Append('\n');
        foreach ((string fileName, Chart chart) in CreateCharts(played))
        {
            text.Append(CultureInfo.InvariantCulture, $"![{chart.Title}: {chart.Description}]({_name}/{fileName})\n\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"[{played.Name}.json]({_scenarioLink}/{played.Name}.json): `lb-sim run {_scenarioFolder}/{played.Name}.json`");
        string[] others = [.. _scenarios.Select(other => other.Name).Where(other => IsVariation(other, played.Name) || IsVariation(played.Name, other))];
        if (others.Length > 0)
        {
            text.Append(". Compare with ").AppendJoin(", ", others.Select(other => $"[{other}](#{Anchor(other)})")).Append('.');
        }

        return text.Append('\n').ToString();
    }

    /// <summary>Latencies tell of timeouts, but not of errors, which may be fast.</summary>
    private static bool AreErrorsTheMatter(IReadOnlyList<RunResult> results) => results.Sum(result => result.Summary.Failures) > results.Sum(result => result.Summary.Timeouts);

    private static string[] CreateCells(RunSummary summary) =>
    [
        $"`{summary.Policy}`",
        SuccessText.Create(summary),
        NumberText.Short(summary.MeanMs),
        NumberText.Short(summary.P50Ms),
        NumberText.Short(summary.P90Ms),
        NumberText.Short(summary.P99Ms),
        NumberText.Short(summary.P999Ms),
        NumberText.Count(summary.Retries),
        NumberText.Decimal(summary.MaxOverMeanLoad),
    ];

    /// <summary>A file that is called like another one with or without something.</summary>
    private static bool IsVariation(string name, string of) => name.StartsWith(of + "-with", StringComparison.Ordinal);

    /// <summary>As GitHub makes it of a heading.</summary>
    private static string Anchor(string heading) =>
        string.Concat(heading.ToLowerInvariant().Where(letter => char.IsLetterOrDigit(letter) || letter is '-' or '_' or ' ')).Replace(' ', '-');
}
