using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LoadBalancing.Client.Simulation.Results;
using LoadBalancing.Client.Simulation.Tests.Support;
using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Simulation.Tests.Docs;

/// <summary>What <c>docs/simulation.md</c> says is so.</summary>
public sealed partial class SimulationPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "simulation.md"));

    [Fact]
    public void Page_EveryJsonBlock_IsAScenario()
    {
        string[] blocks = JsonBlocks();

        blocks.ShouldNotBeEmpty();
        foreach (string block in blocks)
        {
            Should.NotThrow(() => Scenario.Parse(block), block);
        }
    }

    /// <summary>A scenario with a key that does not exist says which do.</summary>
    [Theory]
    [InlineData("$", "")]
    [InlineData("$.arrivals", "arrivals.")]
    [InlineData("$.arrivals.events[0]", "")]
    [InlineData("$.keys", "")]
    [InlineData("$.backends[0]", "")]
    [InlineData("$.backends[0].latency", "latency.")]
    [InlineData("$.backends[0].events[0]", "")]
    [InlineData("$.backends[0].locality", "")]
    public void Page_EveryKeyOfTheFile_IsThere(string path, string prefix)
    {
        JsonNode scenario = JsonNode.Parse("""
            {
              "durationSeconds": 10, "arrivals": { "ratePerSecond": 100, "events": [ { "atSeconds": 1, "ratePerSecond": 1 } ] }, "keys": { "count": 1 },
              "backends": [ { "latency": { "distribution": "lognormal", "meanMs": 10, "sigma": 1 }, "locality": { }, "events": [ { "atSeconds": 1, "down": true } ] } ]
            }
            """)!;
        JsonNode node = scenario;
        foreach (string step in path.Replace("[0]", ".0", StringComparison.Ordinal).Split('.').Skip(1))
        {
            node = step == "0" ? node[0]! : node[step]!;
        }

        node["nonsense"] = 1;

        string message = Should.Throw<ScenarioException>(() => Scenario.Parse(scenario.ToJsonString())).Message;
        string[] keys = message.Split("allowed: ")[1].Split(", ");
        keys.Where(key => !Page.Contains($"`{prefix}{key}`", StringComparison.Ordinal) && !Page.Contains($"\"{key}\"", StringComparison.Ordinal)).ShouldBeEmpty(message);
    }

    /// <summary>The worked example: a median of 40 ms and a p99 of 400 ms become a distribution that has these.</summary>
    [Fact]
    public void Page_LogNormalFromTwoPercentiles_HasThem()
    {
        double sigma = Math.Round(Math.Log(400 / 40.0) / 2.326, 2);
        double mean = Math.Round(40 * Math.Exp(sigma * sigma / 2), 1);

        (sigma, mean).ShouldBe((0.99, 65.3));
        Page.ShouldContain("\"meanMs\": 65.3, \"sigma\": 0.99");
        RunSummary summary = Played.Run("""
            { "durationSeconds": 200, "arrivals": { "ratePerSecond": 500 }, "backends": [ { "latency": { "distribution": "lognormal", "meanMs": 65.3, "sigma": 0.99 } } ] }
            """).Summary;

        // 4 sigma of the 0.5 and of the 0.99 quantile of 100,000 draws are 1.6 % and 4.7 %.
        summary.P50Ms.ShouldBe(40, 0.02 * 40);
        summary.P99Ms.ShouldBe(400, 0.05 * 400);
    }

    /// <summary>The worked example ends with an answer, and it is the one that the simulator gives.</summary>
    [Theory]
    [InlineData("\"attempts\": 1")]
    [InlineData("\"attempts\": 3, \"balancer\": { \"AttemptTimeout\": \"00:00:01\" }")]
    public void Page_AnswerOfTheExample_IsWhatComesOfIt(string attempts)
    {
        Page.ShouldContain(attempts);
        Scenario scenario = Scenario.Parse(JsonBlocks()[0].Replace("\"attempts\": 1", attempts, StringComparison.Ordinal));
        if (!MathFingerprint.IsThatOfTheFigures)
        {
            return;
        }

        string rows = string.Join("\n", scenario.Policies.Select(policy => Describe(Simulator.Run(scenario, policy).Summary)));
        Page.ReplaceLineEndings("\n").ShouldContain(rows);
    }

    /// <summary>What the answer says of other seeds.</summary>
    [Fact]
    [Trait("Category", "Soak")]
    public void Page_AnswerOfTheExample_HoldsForOtherSeeds()
    {
        Scenario scenario = Scenario.Parse(JsonBlocks()[0]);
        for (long seed = 1; seed <= 5; seed++)
        {
            double leastRequest = Simulator.Run(scenario.WithSeed(seed), "least_request").Summary.P99Ms;
            double peakEwma = Simulator.Run(scenario.WithSeed(seed), "peak_ewma").Summary.P99Ms;
            (peakEwma / leastRequest).ShouldBe(0.95, 0.015);
        }
    }

    /// <summary>Each key of the JSON file, with what it means.</summary>
    [Fact]
    public void Page_EveryKeyOfTheResults_IsThere()
    {
        JsonNode summary = JsonNode.Parse(SummaryJson.Write([Played.Run("""{ "durationSeconds": 1, "arrivals": { "ratePerSecond": 10 }, "backends": [ { "latency": { "distribution": "constant", "meanMs": 1 } } ] }""").Summary]))![0]!;
        IEnumerable<string> keys = summary.AsObject().Select(pair => pair.Key).Concat(summary["perBackend"]![0]!.AsObject().Select(pair => $"perBackend[].{pair.Key}"));

        keys.Where(key => !Page.Contains($"`{key}`", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    /// <summary>Where a page refers to the figures of a scenario, there are some.</summary>
    [Fact]
    public void Pages_EveryLinkToAResult_LeadsToAScenario()
    {
        IEnumerable<string> pages = Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md").Append(Path.Combine(Repository.Root, "README.md"));
        string[] anchors = [.. pages.SelectMany(page => ResultLink().Matches(File.ReadAllText(page))).Select(match => match.Groups["name"].Value)];

        anchors.ShouldNotBeEmpty();
        anchors.Except(PlayedFiles.Names, StringComparer.Ordinal).ShouldBeEmpty();
    }

    /// <summary>What README says for those who cannot see its chart is what the results page says of it.</summary>
    [Fact]
    public void Readme_TheTextOfItsChart_IsThatOfTheResults()
    {
        string results = File.ReadAllText(Path.Combine(Repository.Root, "docs", "results.md"));
        Match chart = ReadmeChart().Match(File.ReadAllText(Path.Combine(Repository.Root, "README.md")));

        chart.Success.ShouldBeTrue();
        results.ShouldContain($"{chart.Groups["text"].Value}(results/{chart.Groups["file"].Value})", customMessage: "Copy the text of the chart from docs/results.md to README.md.");
    }

    /// <summary>A row of the example's answer; success is rounded down.</summary>
    private static string Describe(RunSummary summary) => string.Create(
        CultureInfo.InvariantCulture,
        $"| `{summary.Policy}` | {summary.Requests:#,0} | {100_000 * summary.Successes / summary.Requests / 1000m:0.000} % | {summary.Timeouts:#,0} | {summary.P50Ms:#,0} ms | {summary.P99Ms:#,0} ms |");

    private static string[] JsonBlocks() => [.. JsonBlock().Matches(Page.ReplaceLineEndings("\n")).Select(match => match.Groups["text"].Value)];

    [GeneratedRegex("""^```json\n(?<text>.*?)^```""", RegexOptions.Multiline | RegexOptions.Singleline, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex JsonBlock();

    [GeneratedRegex("""(?<text>!\[[^\]]*\])\(docs/results/(?<file>[a-z0-9-]+\.svg)\)""", RegexOptions.None, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex ReadmeChart();

    [GeneratedRegex("""results\.md#(?<name>[a-z0-9-]+)""", RegexOptions.None, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex ResultLink();
}
