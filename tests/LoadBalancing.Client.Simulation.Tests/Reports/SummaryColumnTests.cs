using LoadBalancing.Client.Simulation.Reports;

namespace LoadBalancing.Client.Simulation.Tests.Reports;

public sealed class SummaryColumnTests
{
    [Fact]
    public void IsBest_SeveralPolicies_MarksTheBestAsWritten() => Best("mean ms", Create(10.001), Create(10.004), Create(12)).ShouldBe([true, true, false]);

    [Fact]
    public void IsBest_AllAlikeAsWritten_MarksNone() => Best("mean ms", Create(10.001), Create(10.004)).ShouldBe([false, false]);

    [Fact]
    public void IsBest_NoRequests_IsNeverBest() => Best("mean ms", Create(0) with { Requests = 0 }, Create(12), Create(13)).ShouldBe([false, true, false]);

    [Fact]
    public void IsBest_HighestIsBest_MarksTheHighest() => Best("success", Create(1) with { Successes = 3 }, Create(1) with { Successes = 4 }).ShouldBe([false, true]);

    /// <summary>All three are written as 99.999 %.</summary>
    [Fact]
    public void IsBest_OneMoreLost_IsNotTheBest() => Best("success", Large(lost: 4), Large(lost: 3), Large(lost: 3)).ShouldBe([false, true, true]);

    [Fact]
    public void IsBest_NeitherIsBetter_MarksNone() => Best("retries", Create(1) with { Retries = 2 }, Create(1)).ShouldBe([false, false]);

    private static bool[] Best(string name, params RunSummary[] summaries)
    {
        SummaryColumn column = SummaryColumn.All.Single(column => column.Name == name);
        return [.. summaries.Select(summary => column.IsBest(summary, summaries))];
    }

    private static RunSummary Large(int lost) => Create(1) with { Requests = 1_000_000, Successes = 1_000_000 - lost };

    private static RunSummary Create(double mean) => new()
    {
        Policy = "a",
        Requests = 5,
        Successes = 5,
        Failures = 0,
        Timeouts = 0,
        Retries = 0,
        SuccessRate = 1,
        MeanMs = mean,
        P50Ms = 0,
        P90Ms = 0,
        P99Ms = 0,
        P999Ms = 0,
        MaxMs = 0,
        MaxOverMeanLoad = 1,
        PerBackend = [],
    };
}
