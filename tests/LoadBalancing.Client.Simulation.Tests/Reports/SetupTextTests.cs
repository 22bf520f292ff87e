using LoadBalancing.Client.Simulation.Reports;

namespace LoadBalancing.Client.Simulation.Tests.Reports;

public sealed class SetupTextTests
{
    [Theory]
    [InlineData("", "one attempt.")]
    [InlineData("\"attempts\": 1,", "one attempt.")]
    [InlineData("\"attempts\": 2,", "up to 2 attempts.")]
    [InlineData("\"balancer\": { \"Retry\": { \"Enabled\": true } },", "up to 3 attempts.")]
    [InlineData("\"balancer\": { \"Retry\": { \"MaxAttempts\": 4 } },", "up to 4 attempts.")]
    [InlineData("\"attempts\": 2, \"balancer\": { \"Retry\": { \"Enabled\": false } },", "one attempt.")]
    [InlineData("\"balancer\": { \"Hedging\": { \"Enabled\": true } },", "one attempt with its hedges.")]
    public void DescribePlainly_Attempts_AreThoseOfARequest(string setting, string attempts) =>
        Describe($$"""{ "durationSeconds": 1, {{setting}} "arrivals": { "ratePerSecond": 10 }, "backends": [ { "latency": { "distribution": "constant", "meanMs": 2 } } ] }""")
            .ShouldContain(sentence => sentence.EndsWith(" s and " + attempts, StringComparison.Ordinal));

    [Fact]
    public void DescribePlainly_Names_AreQuotedWithoutMarks() =>
        Describe("""{ "durationSeconds": 1, "arrivals": { "ratePerSecond": 10 }, "backends": [ { "id": "slow", "latency": { "distribution": "constant", "meanMs": 2 } } ] }""")[0].ShouldBe("One backend 'slow', 2 ms per request.");

    [Fact]
    public void DescribePlainly_ManyGroups_TellsOfTheFirst()
    {
        string backends = string.Join(',', Enumerable.Repeat("""{ "count": 2, "latency": { "distribution": "constant", "meanMs": 2 } }""", 20));

        IReadOnlyList<string> sentences = Describe($$"""{ "durationSeconds": 1, "arrivals": { "ratePerSecond": 10 }, "backends": [ {{backends}} ] }""");

        sentences.Count(sentence => sentence.StartsWith("2 backends", StringComparison.Ordinal)).ShouldBe(12);
        sentences.ShouldContain("16 more backends.");
    }

    private static IReadOnlyList<string> Describe(string json) => SetupText.DescribePlainly(Scenario.Parse(json).Plan);
}
