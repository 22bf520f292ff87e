using LoadBalancing.Client.Simulation.Reports;

namespace LoadBalancing.Client.Simulation.Tests.Reports;

public sealed class VerdictTests
{
    private static readonly Scenario Steady = Scenario.Parse("""{ "durationSeconds": 1, "arrivals": { "ratePerSecond": 10 }, "backends": [ { "latency": { "distribution": "constant", "meanMs": 2 } } ] }""");

    [Fact]
    public void Create_SharesThatAreWrittenAlike_RanksByWhatWasLost() => Verdicts((4, 0), (0, 0), (1, 1), (0, 4)).ShouldBe(
    [
        "answered 99.999 % of the requests in time (4 failures), the fewest of all",
        "answered every request in time, the most of all",
        "answered 99.999 % of the requests in time (1 failure, 1 timeout)",
        "answered 99.999 % of the requests in time (4 timeouts), the fewest of all",
    ]);

    [Fact]
    public void Create_AllAlike_RanksNone() => Verdicts((1, 0), (0, 1)).ShouldAllBe(verdict => !verdict.Contains("of all", StringComparison.Ordinal));

    private static string[] Verdicts(params (long Failures, long Timeouts)[] lost)
    {
        RunResult result = Simulator.Run(Steady, "random");
        RunResult[] all =
        [
            .. lost.Select(each => result with { Summary = result.Summary with { Requests = 1_000_000, Successes = 1_000_000 - each.Failures - each.Timeouts, Failures = each.Failures, Timeouts = each.Timeouts } }),
        ];
        return [.. all.Select(each => Verdict.Create(Steady, each, all).Split(';')[0])];
    }
}
