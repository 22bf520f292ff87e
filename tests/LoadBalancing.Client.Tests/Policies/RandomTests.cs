using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Policies;

public sealed class RandomTests
{
    private const int Seed = 21;
    private const int Picks = 200_000;

    [Theory]
    [InlineData(new double[] { 1, 1, 1, 1 })]
    [InlineData(new double[] { 1, 2, 3 })]
    [InlineData(new double[] { 1, 1000 })]
    [InlineData(new double[] { 1e-300, 3e-300 })]
    [InlineData(new double[] { double.MaxValue, double.MaxValue, double.MaxValue })]
    public void Pick_Weights_SharesFollowThem(double[] weights)
    {
        BackendSet set = Pools.Set(weights);

        new RandomPolicy().CreatePicker(set, new Random(Seed)).CountPicks(set, Picks).ShouldFollow(weights);
    }

    [Fact]
    public void Pick_OneExcluded_TheOthersKeepTheirProportion()
    {
        BackendSet set = Pools.Set(5, 1, 2, 3);

        new RandomPolicy().CreatePicker(set, new Random(Seed)).CountPicks(set, Picks, Pools.Without(set[0])).ShouldFollow(0, 1, 2, 3);
    }

    [Fact]
    public void Pick_SameSeed_GivesTheSamePicks()
    {
        BackendSet set = Pools.Set(5, 1, 2, 3);
        Picker one = new RandomPolicy().CreatePicker(set, new Random(Seed));
        Picker other = new RandomPolicy().CreatePicker(set, new Random(Seed));

        Enumerable.Range(0, 1000).ShouldAllBe(_ => one.Pick(default) == other.Pick(default));
    }
}
