using FsCheck;
using FsCheck.Fluent;
using LoadBalancing.Client.Policies.Sampling;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Policies.Sampling;

public sealed class WeightedSamplerTests
{
    private const int Seed = 11;
    private const int Draws = 60_000;

    [Theory]
    [MemberData(nameof(WeightCases.All), MemberType = typeof(WeightCases))]
    public void Draw_AnyWeights_FollowsThem(string name)
    {
        WeightedSampler sampler = Create(WeightCases.Of(name));

        Shares.CountDraws(Draws, WeightCases.Of(name).Length, sampler.Draw).ShouldFollow(WeightCases.Of(name));
    }

    /// <summary>P(i, then j) = p(i) · p(j) / (1 − p(i)).</summary>
    [Theory]
    [InlineData(new double[] { 1, 1, 1, 1 })]
    [InlineData(new double[] { 1, 2, 3, 4 })]
    [InlineData(new double[] { 100, 1, 1, 1 })]
    [InlineData(new double[] { 1, 1, 2, 1000 })]
    [InlineData(new double[] { 1000, 1, 2, 3 })]
    [InlineData(new double[] { 1e6, 3, 2, 1 })]
    [InlineData(new double[] { 1e-300, 1e-300, 2e-300, 3e-300 })]
    public void DrawPair_Weights_GivesPairsInTheExactProportion(double[] weights)
    {
        WeightedSampler sampler = Create(weights);

        int[] counts = Shares.CountDraws(4 * Draws, weights.Length * weights.Length, () =>
        {
            sampler.DrawPair(out int first, out int second);
            return (first * weights.Length) + second;
        });

        counts.ShouldFollow(Pairs(weights));
    }

    [Theory]
    [InlineData(new double[] { 1, 1, 1, 1 })]
    [InlineData(new double[] { 1, 2, 3, 4 })]
    [InlineData(new double[] { 1000, 1, 2, 1000 })]
    public void DrawDistinct_ThirdOfThree_FollowsTheWeightsOfTheRest(double[] weights)
    {
        WeightedSampler sampler = Create(weights);

        int[] counts = Shares.CountDraws(Draws, weights.Length, () => sampler.DrawDistinct([3, 0]));

        counts.ShouldFollow(0, weights[1], weights[2], 0);
    }

    /// <summary>One that outweighs all others by more than a double can add up must not decide which of the others comes second.</summary>
    [Theory]
    [InlineData(1e17)]
    [InlineData(1e40)]
    [InlineData(1e300)]
    public void DrawDistinct_BesideOneThatDominates_FollowsTheWeightsOfTheRest(double dominating)
    {
        double[] weights = [1, dominating, 2, 3];
        WeightedSampler sampler = Create(weights);

        Shares.CountDraws(Draws, weights.Length, () => sampler.DrawDistinct([1])).ShouldFollow(1, 0, 2, 3);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1e17)]
    [InlineData(1e300)]
    public void DrawAllowed_BesideOneThatDominates_FollowsTheWeightsOfTheRest(double dominating)
    {
        BackendSet set = Pools.Set(1, dominating, 2, 3);
        WeightedSampler sampler = new(set, new Random(Seed));
        BackendExclusions excluded = Pools.Exclude(set[1]);

        Shares.CountDraws(Draws, set.Count, () => sampler.DrawAllowed(excluded, [])).ShouldFollow(1, 0, 2, 3);
    }

    [Fact]
    public void DrawAllowed_SomeExcludedAndSomeDrawn_FollowsTheWeightsOfTheRest()
    {
        BackendSet set = Pools.Set(5, 1, 2, 3, 4);
        WeightedSampler sampler = new(set, new Random(Seed));
        BackendExclusions excluded = Pools.Exclude(set[0]);

        Shares.CountDraws(Draws, set.Count, () => sampler.DrawAllowed(excluded, [2])).ShouldFollow(0, 1, 0, 3, 4);
    }

    [Fact]
    public void DrawPair_AnyWeights_GivesTwoDistinctIndexesInRange() =>
        CheckAll((weights, sampler) =>
        {
            for (int i = 0; i < 200; i++)
            {
                sampler.DrawPair(out int first, out int second);
                first.ShouldBeInRange(0, weights.Length - 1);
                second.ShouldBeInRange(0, weights.Length - 1);
                second.ShouldNotBe(first);
            }
        });

    [Fact]
    public void DrawDistinct_AnyWeights_DrawsEveryIndexOnce() =>
        CheckAll((weights, sampler) =>
        {
            int[] drawn = new int[weights.Length];
            for (int i = 0; i < drawn.Length; i++)
            {
                drawn[i] = sampler.DrawDistinct(drawn.AsSpan(0, i));
            }

            drawn.Order().ShouldBe(Enumerable.Range(0, weights.Length));
        });

    [Fact]
    public void DrawAllowed_AnyWeights_DrawsEveryIndexThatIsNotExcludedOnceAndThenNone() =>
        CheckAll((weights, sampler) =>
        {
            BackendSet set = Pools.Set(weights);
            sampler = new WeightedSampler(set, new Random(Seed));
            BackendExclusions excluded = Pools.Exclude(set.Where((_, index) => index % 3 == 1));
            List<int> drawn = [];
            for (int index; (index = sampler.DrawAllowed(excluded, drawn.ToArray())) >= 0;)
            {
                drawn.Count.ShouldBeLessThan(weights.Length);
                drawn.Add(index);
            }

            drawn.Order().ShouldBe(Enumerable.Range(0, weights.Length).Where(index => index % 3 != 1));
        });

    private static WeightedSampler Create(double[] weights) => new(Pools.Set(weights), new Random(Seed));

    private static double[] Pairs(double[] weights)
    {
        double total = weights.Sum();
        return
        [
            .. from first in Enumerable.Range(0, weights.Length)
               from second in Enumerable.Range(0, weights.Length)
               let rest = weights.Where((_, index) => index != first).Sum()
               select first == second ? 0 : weights[first] / total * (weights[second] / rest),
        ];
    }

    private static void CheckAll(Action<double[], WeightedSampler> check) =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(200).WithReplay(Seed, 1),
            Prop.ForAll(WeightCases.AnyOfTwoOrMore, weights => check(weights, Create(weights))));
}
