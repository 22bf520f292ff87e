using LoadBalancing.Client.Simulation.Reports;

namespace LoadBalancing.Client.Simulation.Tests.Reports;

public sealed class HappeningsTests
{
    [Theory]
    [InlineData("\"down\": true", "down")]
    [InlineData("\"hang\": true", "hangs")]
    [InlineData("\"removed\": true", "removed")]
    [InlineData("\"weight\": 2.5", "weight 2.5")]
    [InlineData("\"concurrency\": 3", "concurrency 3")]
    [InlineData("\"errorRate\": 0.25", "25 % errors")]
    [InlineData("\"errorRate\": 1, \"errorLatencyMs\": 1", "100 % errors in 1 ms")]
    [InlineData("\"errorLatencyMs\": 1", "errors take another time")]
    [InlineData("\"ignoresCancellation\": true", "ignores cancellation")]
    [InlineData("\"latency\": { \"distribution\": \"constant\", \"meanMs\": 2000 }", "mean 2,000 ms")]
    [InlineData("\"latency\": { \"distribution\": \"exponential\", \"meanMs\": 5 }, \"hang\": true", "hangs, other latencies")]
    public void Find_Event_IsSaidInAWord(string change, string what) =>
        Find($"{{ \"atSeconds\": 2, \"untilSeconds\": 4, {change} }}").ShouldBe([new Happening("b0", what, 2, 4)]);

    [Fact]
    public void Find_EventWithoutEnd_EndsWithTheScenario() => Find("{ \"atSeconds\": 2, \"down\": true }").ShouldBe([new Happening("b0", "down", 2, 10)]);

    [Fact]
    public void Merge_SpansThatTouch_BecomeOne() =>
        Happenings.Merge([new Happening("a", "x", 5, 6), new Happening("b", "y", 1, 2), new Happening("a", "y", 2, 3)]).ShouldBe([(1, 3), (5, 6)]);

    private static IReadOnlyList<Happening> Find(string happening) => Happenings.Find(Scenario.Parse(
        $$"""{ "durationSeconds": 10, "arrivals": { "ratePerSecond": 100 }, "backends": [ { "latency": { "distribution": "constant", "meanMs": 5 }, "events": [ {{happening}} ] } ] }""").Plan);
}
