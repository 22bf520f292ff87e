using FsCheck;
using FsCheck.Fluent;
using LoadBalancing.Client.Policies.Sampling;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Policies.Sampling;

public sealed class AliasTableTests
{
    private const int Seed = 7;

    /// <summary>Share by share, without any randomness: evenly spaced bits visit every column and every height.</summary>
    [Theory]
    [MemberData(nameof(WeightCases.Ordinary), MemberType = typeof(WeightCases))]
    public void Draw_EvenlySpacedBits_FollowsTheWeightsExactly(string name)
    {
        double[] weights = WeightCases.Of(name);
        AliasTable table = new(weights);
        const int Draws = 1_000_000;
        int[] counts = new int[weights.Length];
        for (int i = 0; i < Draws; i++)
        {
            counts[table.Draw((ulong)i * (ulong.MaxValue / Draws))]++;
        }

        double total = weights.Sum();
        for (int i = 0; i < weights.Length; i++)
        {
            ((double)counts[i] / Draws).ShouldBe(weights[i] / total, 1e-4);
        }
    }

    [Fact]
    public void Draw_AnyWeightsAndBits_IsInRange() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(500).WithReplay(Seed, 1),
            Prop.ForAll(WeightCases.Any, ArbMap.Default.ArbFor<ulong[]>(), (weights, bits) =>
            {
                AliasTable table = new(weights);
                return bits.Concat([0UL, 1UL, ulong.MaxValue, ulong.MaxValue - 1, 1UL << 63]).All(draw => table.Draw(draw) is int index && index >= 0 && index < weights.Length);
            }));

    [Fact]
    public void Draw_AnyWeights_FollowsThemWithinFourSigma() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(50).WithReplay(Seed, 1),
            Prop.ForAll(WeightCases.Any, weights =>
            {
                AliasTable table = new(weights);
                RandomSource random = new(new Random(Seed));
                Shares.CountDraws(20_000, weights.Length, () => table.Draw(random.NextBits())).ShouldFollow(weights);
            }));

    [Fact]
    public void Draw_OneDominating_NeverReturnsAnother()
    {
        AliasTable table = new([1e-300, 1e300, double.Epsilon, 1e-300]);
        Random random = new(Seed);

        for (int i = 0; i < 100_000; i++)
        {
            table.Draw((ulong)random.NextInt64() << 1).ShouldBe(1);
        }
    }
}
