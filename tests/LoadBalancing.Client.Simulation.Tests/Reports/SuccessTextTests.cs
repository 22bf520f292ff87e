using LoadBalancing.Client.Simulation.Reports;
using LoadBalancing.Client.Simulation.Tests.Support;

namespace LoadBalancing.Client.Simulation.Tests.Reports;

public sealed class SuccessTextTests
{
    private static readonly RunSummary Any = Played.Run("""{ "durationSeconds": 1, "arrivals": { "ratePerSecond": 10 }, "backends": [ { "latency": { "distribution": "constant", "meanMs": 2 } } ] }""").Summary;

    [Theory]
    [InlineData(0, 0, "–")]
    [InlineData(0, 7, "0.000 %")]
    [InlineData(7, 7, "100 %")]
    [InlineData(999_999_999, 1_000_000_000, "99.999 %")]
    [InlineData(2, 3, "66.666 %")]
    public void Create_Share_IsRoundedDown(long successes, long requests, string text) => SuccessText.Create(Create(successes, requests)).ShouldBe(text);

    [Theory]
    [InlineData(99_995, 100_000, "+0.005 points")]
    [InlineData(999_999_999, 999_999_999, "0.000 points")]
    [InlineData(0, 0, "")]
    public void Difference_ToAll_IsThatOfTheTexts(long successes, long requests, string text) => SuccessText.Difference(Create(successes, requests), Create(7, 7)).ShouldBe(text);

    private static RunSummary Create(long successes, long requests) => Any with { Successes = successes, Requests = requests };
}
