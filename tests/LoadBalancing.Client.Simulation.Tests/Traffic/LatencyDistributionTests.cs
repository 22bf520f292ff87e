using LoadBalancing.Client.Simulation.Traffic;

namespace LoadBalancing.Client.Simulation.Tests.Traffic;

public sealed class LatencyDistributionTests
{
    private const int Draws = 400_000;

    public static TheoryData<string, double, double> Moments => new()
    {
        { "constant", 50, 0 },
        { "uniform", 50, 20 / Math.Sqrt(3) },
        { "normal", 50, 10 },
        { "exponential", 50, 50 },
        { "lognormal", 50, 50 * Math.Sqrt(Math.Exp(0.25) - 1) },
    };

    /// <summary>4 standard deviations of the mean of the draws, and 2 % for their spread.</summary>
    [Theory]
    [MemberData(nameof(Moments))]
    public void Draw_ManyTimes_HasMeanAndDeviation(string distribution, double meanMs, double deviationMs)
    {
        double[] draws = Draw(Create(distribution));

        double mean = draws.Average();
        double deviation = Math.Sqrt(draws.Average(draw => (draw - mean) * (draw - mean)));
        mean.ShouldBe(meanMs, (4 * deviationMs / Math.Sqrt(Draws)) + 1e-9);
        deviation.ShouldBe(deviationMs, (0.02 * deviationMs) + 1e-6);
    }

    [Fact]
    public void Draw_NormalWithTail_IsNeverNegative()
    {
        double[] draws = Draw(new NormalLatency(10, 10));

        draws.Min().ShouldBe(0);
        draws.Count(draw => draw == 0).ShouldBeInRange((int)(0.15 * Draws), (int)(0.17 * Draws));
    }

    [Fact]
    public void Draw_Uniform_StaysWithinItsSpread()
    {
        double[] draws = Draw(new UniformLatency(50, 20));

        draws.Min().ShouldBeInRange(30, 30.01);
        draws.Max().ShouldBeInRange(69.99, 70);
    }

    /// <summary>The shape, by its quartiles: half of a log-normal distribution is below its median, which is not its mean.</summary>
    [Fact]
    public void Draw_LogNormal_HasTheMedianThatFollowsFromMeanAndSigma()
    {
        double[] draws = Draw(new LogNormalLatency(50, 1));

        double median = 50 * Math.Exp(-0.5);
        ((double)draws.Count(draw => draw < median)).ShouldBe(Draws / 2.0, 4 * Math.Sqrt(Draws) / 2);
    }

    private static LatencyDistribution Create(string distribution) => distribution switch
    {
        "constant" => new ConstantLatency(50),
        "uniform" => new UniformLatency(50, 20),
        "normal" => new NormalLatency(50, 10),
        "exponential" => new ExponentialLatency(50),
        _ => new LogNormalLatency(50, 0.5),
    };

    /// <summary>In milliseconds.</summary>
    private static double[] Draw(LatencyDistribution distribution)
    {
        SeededRandom random = new(1, RandomPurpose.Service);
        return [.. Enumerable.Range(0, Draws).Select(_ => 1000 * distribution.Draw(random))];
    }
}
