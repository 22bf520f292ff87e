using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Policies;

/// <summary>What failures cost a backend under peak_ewma, whatever the rate of requests.</summary>
public sealed class StrayFailureTests
{
    private const int Count = 10;
    private const int Bad = 3;

    private static readonly TimeSpan TenSeconds = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(20)]
    [InlineData(100)]
    [InlineData(1000)]
    public void PeakEwma_OneFailure_CostsNoMoreThanHalfOfTheShareForTenSeconds(double rate)
    {
        using EventLoop loop = Create(failures: 1);
        double fair = TenSeconds.TotalSeconds * rate / Count;
        double noise = 4 * Math.Sqrt(fair);
        loop.Run(TimeSpan.FromSeconds(20), rate);

        int during = loop.Run(TenSeconds, rate)[Bad];
        int after = loop.Run(TenSeconds, rate)[Bad];

        ((double)during).ShouldBeGreaterThan((fair / 2) - (noise / 2));
        ((double)after).ShouldBeGreaterThan(fair - noise);
    }

    [Fact]
    public void PeakEwma_FailuresInARow_LeaveAlmostNothing()
    {
        // Attempts that began before still succeed in between, so three failures are not yet three in a row.
        using EventLoop loop = Create(failures: 30);
        loop.Run(TimeSpan.FromSeconds(25), 1000);

        loop.Run(TenSeconds, 1000)[Bad].ShouldBeLessThan(10);
    }

    [Fact]
    public void PeakEwma_OnePercentFails_KeepsAFairPart()
    {
        Random errors = new(3);
        using EventLoop loop = new(new PeakEwmaPolicy(), Count)
        {
            Serve = (index, _) => (Latency(errors), index == Bad && errors.Next(100) == 0 ? Outcome.Failed : Outcome.Succeeded),
        };

        int[] picks = loop.Run(TimeSpan.FromSeconds(60), 1000);

        picks[Bad].ShouldBeGreaterThan(picks.Sum() / Count / 3);
    }

    /// <summary>After 20 seconds one backend fails so many times in a row.</summary>
    private static EventLoop Create(int failures)
    {
        int left = failures;
        Random latencies = new(3);
        return new EventLoop(new PeakEwmaPolicy(), Count)
        {
            Serve = (index, now) => index == Bad && now > TimeSpan.FromSeconds(20) && left-- > 0
                ? (TimeSpan.FromMilliseconds(1), Outcome.Failed)
                : (Latency(latencies), Outcome.Succeeded),
        };
    }

    private static TimeSpan Latency(Random random) => TimeSpan.FromMilliseconds(50 + (10 * random.NextDouble()));
}
