using LoadBalancing.Client.Simulation.Traffic;

namespace LoadBalancing.Client.Simulation.Tests.Traffic;

public sealed class SeededRandomTests
{
    /// <summary>4 standard deviations of a binomial count.</summary>
    [Fact]
    public void Next_ManyTimes_IsUniform()
    {
        SeededRandom random = new(1, RandomPurpose.Balancer);
        int[] counts = new int[10];
        for (int i = 0; i < 100_000; i++)
        {
            counts[random.Next(10)]++;
        }

        counts.ShouldAllBe(count => Math.Abs(count - 10_000) < 4 * 95);
    }

    [Fact]
    public void NextDouble_ManyTimes_IsWithinTheUnitInterval()
    {
        SeededRandom random = new(1, RandomPurpose.Balancer);
        double[] draws = [.. Enumerable.Range(0, 100_000).Select(_ => random.NextDouble())];

        draws.ShouldAllBe(draw => draw >= 0 && draw < 1);
        draws.Average().ShouldBe(0.5, 4 * 0.2887 / Math.Sqrt(draws.Length));
    }

    [Fact]
    public void NextInt64_IsNeverNegativeAndUsesAllBits()
    {
        SeededRandom random = new(1, RandomPurpose.Balancer);
        long[] draws = [.. Enumerable.Range(0, 1_000).Select(_ => random.NextInt64())];

        draws.Min().ShouldBeGreaterThanOrEqualTo(0);
        draws.Aggregate((a, b) => a | b).ShouldBe(long.MaxValue);
    }

    [Fact]
    public void Constructor_OtherSeedPurposeOrIndex_GivesOtherNumbers()
    {
        SeededRandom[] streams =
        [
            new(1, RandomPurpose.Service, 0), new(1, RandomPurpose.Service, 1), new(2, RandomPurpose.Service, 0), new(0, RandomPurpose.Service, 0), new(1, RandomPurpose.Balancer, 0), new(1, RandomPurpose.Arrivals, 0),
        ];

        streams.Select(stream => stream.NextInt64()).Distinct().Count().ShouldBe(streams.Length);
        new SeededRandom(1, RandomPurpose.Service, 1).NextInt64().ShouldBe(new SeededRandom(1, RandomPurpose.Service, 1).NextInt64());
    }

    /// <summary>The vector of the reference implementation.</summary>
    [Fact]
    public void NextBits_FromTheStateOfTheReference_GivesItsNumbers()
    {
        SeededRandom random = new(1, 2, 3, 4);

        Enumerable.Range(0, 7).Select(_ => random.NextBits()).ShouldBe([11520UL, 0, 1509978240, 1215971899390074240, 1216172134540287360, 607988272756665600, 16172922978634559625]);
    }

    /// <summary>These numbers are part of what "the same seed gives the same result" means: they must not change from one version to the next.</summary>
    [Fact]
    public void NextInt64_FirstNumbers_AreAlwaysTheSame()
    {
        SeededRandom random = new(1, RandomPurpose.Arrivals);

        ((long[])[random.NextInt64(), random.NextInt64(), random.NextInt64()]).ShouldBe([9105371495326107, 5832807195587580570, 2771934715791881832]);
    }
}
