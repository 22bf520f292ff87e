using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Policies;

/// <summary>One of ten backends fails in 1 ms while the others take 50 ms: a policy that mistakes "fast" or "idle" for "good" would send everything there.</summary>
public sealed class SinkholeTests
{
    private const int Count = 10;
    private const int Bad = 3;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(100)]
    [InlineData(1000)]
    public void PeakEwma_OneFailsFast_GetsUnderOnePercent(double rate) =>
        ShareOfBad(new PeakEwmaPolicy(), rate).ShouldBeLessThan(0.01);

    [Theory]
    [InlineData(100)]
    [InlineData(1000)]
    public void LeastRequest_OneFailsFast_GetsNoMoreThanTwoDrawsGive(double rate)
    {
        double draws = Duration.TotalSeconds * rate;
        double bound = 2.0 / Count;

        ShareOfBad(new LeastRequestPolicy(), rate).ShouldBeLessThan(bound + (4 * Math.Sqrt(bound * (1 - bound) / draws)));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1000)]
    public void WeightedResponseTime_OneFailsFast_GetsNoMoreThanTwiceItsShare(double rate) =>
        ShareOfBad(new WeightedResponseTimePolicy(), rate).ShouldBeLessThan(2.0 / Count);

    [Theory]
    [InlineData(100)]
    [InlineData(1000)]
    public void LeastBandwidth_OneFailsFast_GetsNoMoreThanTwiceItsShare(double rate) =>
        ShareOfBad(new LeastBandwidthPolicy(), rate).ShouldBeLessThan(2.0 / Count);

    [Theory]
    [InlineData(2, 0.5)]
    [InlineData(2, 1)]
    [InlineData(3, 0.5)]
    [InlineData(3, 1)]
    [InlineData(Count, 0.5)]
    [InlineData(Count, 1)]
    public void LeastBandwidth_AnyChoicesAndDisguise_GetsNoMoreThanTwiceItsShare(int choices, double failureRate) =>
        ShouldBeNoSink(new LeastBandwidthPolicy { ChoiceCount = choices }, failureRate);

    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    public void WeightedResponseTime_AnyDisguise_GetsNoMoreThanTwiceItsShare(double failureRate) =>
        ShouldBeNoSink(new WeightedResponseTimePolicy(), failureRate);

    [Fact]
    public void LeastBandwidth_TheHeaviestFailsFast_IsNoSink()
    {
        // 10 : 1 : … : 1: its fair share is 10/19, and it must not go far beyond it because it is compared by its weight.
        double share = ShareOfBad(new LeastBandwidthPolicy(), 1000, index => index == Bad ? 10 : 1);

        share.ShouldBeLessThan(1.25 * 10 / 19);
    }

    /// <summary>Whatever may hide that a backend fails: successes in between, weights, and error pages that arrive as they should.</summary>
    private static void ShouldBeNoSink(LoadBalancingPolicy policy, double failureRate)
    {
        foreach ((double rate, bool hasBodies, double[] weights) in
            from rate in (double[])[100, 1000]
            from hasBodies in (bool[])[false, true]
            from weights in (double[][])[[1, 1, 1, 1, 1, 1, 1, 1, 1, 1], [1, 2, 3, 4, 1, 2, 3, 4, 1, 2]]
            select (rate, hasBodies, weights))
        {
            Random failures = new(3);
            using EventLoop loop = new(policy, Count, index => weights[index])
            {
                HasBodies = hasBodies,
                Serve = (index, _) => index == Bad && failures.NextDouble() < failureRate
                    ? (TimeSpan.FromMilliseconds(1), Outcome.Failed)
                    : (TimeSpan.FromMilliseconds(50), Outcome.Succeeded with { Bytes = 5_000 }),
            };

            int[] picks = loop.Run(Duration / 2, rate);

            double share = (double)picks[Bad] / picks.Sum();
            share.ShouldBeLessThan(2 * weights[Bad] / weights.Sum(), $"at {rate} per second, weight {weights[Bad]}, bodies: {hasBodies}");
        }
    }

    private static double ShareOfBad(LoadBalancingPolicy policy, double rate, Func<int, double>? weightOf = null)
    {
        using EventLoop loop = new(policy, Count, weightOf)
        {
            Serve = (index, _) => index == Bad
                ? (TimeSpan.FromMilliseconds(1), Outcome.Failed)
                : (TimeSpan.FromMilliseconds(50), Outcome.Succeeded with { Bytes = 5_000 }),
        };
        int[] picks = loop.Run(Duration, rate);
        return (double)picks[Bad] / picks.Sum();
    }
}
