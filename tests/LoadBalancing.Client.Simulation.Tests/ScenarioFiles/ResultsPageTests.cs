using System.Text.RegularExpressions;
using LoadBalancing.Client.Simulation.Charts;
using LoadBalancing.Client.Simulation.Reports;
using LoadBalancing.Client.Simulation.Tests.Support;
using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Simulation.Tests.ScenarioFiles;

/// <summary>The committed page is what the scenarios give now.</summary>
public sealed partial class ResultsPageTests
{
    private const string Command = "Run: dotnet run -c Release --project src/LoadBalancing.Client.Simulation -- results scenarios docs/results.md";

    private static readonly string Page = Path.Combine(Repository.Root, "docs", "results.md");
    private static readonly string ChartFolder = Path.Combine(Repository.Root, "docs", "results");

    [Fact]
    public void Page_OfTheScenarios_IsAsCommitted()
    {
        string[] committed = Normalize(File.ReadAllText(Page)).Split('\n');
        string[] page = Normalize(new ResultsPage(PlayAll(), "scenarios", "../scenarios", "docs/results.md").Create()).Split('\n');

        committed.Except(page, StringComparer.Ordinal).ShouldBeEmpty(Command);
        committed.SequenceEqual(page, StringComparer.Ordinal).ShouldBeTrue(Command);
    }

    [Fact]
    public void Charts_OfTheScenarios_AreAsCommitted()
    {
        Dictionary<string, Chart> charts = PlayAll().SelectMany(ResultsPage.CreateCharts).ToDictionary(chart => chart.FileName, chart => chart.Chart, StringComparer.Ordinal);

        Directory.EnumerateFiles(ChartFolder).Select(Path.GetFileName).ShouldBe(charts.Keys, ignoreOrder: true, $"{Command}, and delete the charts that no page needs.");
        if (MathFingerprint.IsThatOfTheFigures)
        {
            charts.Where(chart => File.ReadAllText(Path.Combine(ChartFolder, chart.Key)) != ChartSvg.CreateFile(chart.Value)).Select(chart => chart.Key).ShouldBeEmpty(Command);
        }
    }

    private static PlayedScenario[] PlayAll() => [.. PlayedFiles.Names.Select(name => new PlayedScenario(name, Scenario.Load(PlayedFiles.PathOf(name)), PlayedFiles.Play(name)))];

    /// <summary>Figures may differ where the last digit of a logarithm does; all else may not.</summary>
    private static string Normalize(string text) => MathFingerprint.IsThatOfTheFigures ? text : Figure().Replace(text, "#");

    [GeneratedRegex(@"\d[\d,.]*", RegexOptions.None, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Figure();
}
