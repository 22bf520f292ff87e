using LoadBalancing.Client.Simulation.Scenarios;

namespace LoadBalancing.Client.Simulation.Tests.Scenarios;

/// <summary>What is allowed, and most likely a slip, is said once.</summary>
public sealed class ScenarioNoticesTests
{
    private const string Plain = """
        { "durationSeconds": 20, "arrivals": { "ratePerSecond": 10 }, "backends": [ { "latency": { "distribution": "constant", "meanMs": 10 } } ] }
        """;

    [Theory]
    [InlineData("\"timeoutSeconds\": 1500", "$.timeoutSeconds = 1500 is more than $.durationSeconds = 20: it is in seconds.")]
    [InlineData("\"timeoutSeconds\": 20", null)]
    [InlineData("\"timeoutSeconds\": 2, \"balancer\": { \"AttemptTimeout\": \"00:00:05\" }", "$.balancer.AttemptTimeout = \"00:00:05\" has no effect: callers give up after $.timeoutSeconds = 2, so no attempt times out and no circuit hears of it.")]
    [InlineData("\"timeoutSeconds\": 2, \"cancelOnTimeout\": false, \"balancer\": { \"AttemptTimeout\": \"00:00:05\" }", null)]
    [InlineData("\"timeoutSeconds\": 2, \"balancer\": { \"attemptTimeout\": \"00:00:01\" }", null)]
    [InlineData("\"attempts\": 2, \"balancer\": { \"Retry\": { \"MaxAttempts\": 3 } }", "$.balancer.Retry.MaxAttempts = 3 has no effect, since $.attempts = 2 comes first.")]
    [InlineData("\"attempts\": 3, \"balancer\": { \"Retry\": { \"MaxAttempts\": 3 } }", null)]
    [InlineData("\"balancer\": { \"Retry\": { \"MaxAttempts\": 3 } }", null)]
    public void Find_ALikelySlip_IsNamed(string settings, string? notice) => ShouldFind(Plain.Replace("\"arrivals\"", $"{settings}, \"arrivals\"", StringComparison.Ordinal), notice);

    [Theory]
    [InlineData("0.0653", "$.backends[0].latency.meanMs = 0.0653 is less than 0.1 ms: it is in milliseconds.")]
    [InlineData("0.1", null)]
    [InlineData("0", null)]
    public void Find_LatencyOfNextToNothing_IsNamed(string mean, string? notice) => ShouldFind(Plain.Replace("\"meanMs\": 10", $"\"meanMs\": {mean}", StringComparison.Ordinal), notice);

    [Fact]
    public void Find_LatencyOfAnEvent_IsNamedByItsPlace() => ShouldFind(
        Plain.Replace("} } ]", "}, \"events\": [ { \"atSeconds\": 1, \"down\": true }, { \"atSeconds\": 2, \"latency\": { \"distribution\": \"constant\", \"meanMs\": 0.05 } } ] } ]", StringComparison.Ordinal),
        "$.backends[0].events[1].latency.meanMs = 0.05 is less than 0.1 ms: it is in milliseconds.");

    private static void ShouldFind(string scenario, string? notice) =>
        ScenarioNotices.Find(Scenario.Parse(scenario, "a.json").Plan).ShouldBe(notice is null ? [] : [$"a.json: {notice}"]);
}
