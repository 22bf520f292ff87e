using FsCheck;
using FsCheck.Fluent;
using LoadBalancing.Client.Balancing.Tiers;

namespace LoadBalancing.Client.Tests.Balancing.Tiers;

public sealed class TierLoadTests
{
    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 5, 0)]
    [InlineData(5, 5, 100)]
    [InlineData(3, 4, 100)]
    [InlineData(72, 100, 100)]
    [InlineData(71, 100, 99)]
    [InlineData(5, 7, 100)]
    [InlineData(1, 2, 70)]
    [InlineData(1, 4, 35)]
    [InlineData(1, 100, 1)]
    [InlineData(1, 141, 0)]
    [InlineData(int.MaxValue, int.MaxValue, 100)]
    public void Health_Counts_IsTheShareTimesOnePointFour(int eligible, int total, int health) => TierLoad.Health(eligible, total).ShouldBe(health);

    [Theory]
    [InlineData(new[] { 100 }, new[] { 100 })]
    [InlineData(new[] { 20, 20, 20 }, new[] { 34, 33, 33 })]
    [InlineData(new[] { 100, 100 }, new[] { 100, 0 })]
    [InlineData(new[] { 70, 100 }, new[] { 70, 30 })]
    [InlineData(new[] { 70, 10 }, new[] { 88, 12 })]
    [InlineData(new[] { 25, 100 }, new[] { 25, 75 })]
    [InlineData(new[] { 25, 25 }, new[] { 50, 50 })]
    [InlineData(new[] { 0, 100 }, new[] { 0, 100 })]
    [InlineData(new[] { 0, 20 }, new[] { 0, 100 })]
    [InlineData(new[] { 5, 0, 65 }, new[] { 8, 0, 92 })]
    [InlineData(new[] { 0, 0 }, new[] { 0, 0 })]
    [InlineData(new int[0], new int[0])]
    public void Spread_Health_FillsTheTiersInOrder(int[] health, int[] load) => TierLoad.Spread(health).ShouldBe(load);

    [Theory]
    [InlineData(new[] { 1 }, new[] { 100 })]
    [InlineData(new[] { 1, 3 }, new[] { 25, 75 })]
    [InlineData(new[] { 1, 1, 1 }, new[] { 34, 33, 33 })]
    [InlineData(new[] { 0, 2, 1 }, new[] { 0, 67, 33 })]
    [InlineData(new[] { 0, 0 }, new[] { 0, 0 })]
    public void SpreadByCount_Counts_IsInProportion(int[] counts, int[] load) => TierLoad.SpreadByCount(counts).ShouldBe(load);

    [Fact]
    public void Spread_AnyHealth_IsAHundredInAllOrNothing() =>
        Check(health =>
        {
            int[] load = TierLoad.Spread(health);

            load.Sum().ShouldBe(health.All(value => value == 0) ? 0 : 100);
            load.Index().ShouldAllBe(item => item.Item >= 0 && (item.Item == 0 || health[item.Index] > 0));
        });

    /// <summary>As long as the tiers are healthy enough together, none takes more than its health.</summary>
    [Fact]
    public void Spread_HealthyEnough_NoTierTakesMoreThanItsHealth() =>
        Check(health =>
        {
            if (health.Sum() >= 100)
            {
                TierLoad.Spread(health).Index().ShouldAllBe(item => item.Item <= health[item.Index]);
            }
        });

    [Fact]
    public void SpreadByCount_AnyCounts_IsAHundredInAllOrNothing() =>
        Check(counts =>
        {
            int[] load = TierLoad.SpreadByCount(counts);

            load.Sum().ShouldBe(counts.All(count => count == 0) ? 0 : 100);
            load.Index().ShouldAllBe(item => item.Item >= 0 && (item.Item == 0 || counts[item.Index] > 0));
        });

    private static void Check(Action<int[]> check) =>
        FsCheck.Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(3, 1),
            Prop.ForAll(Gen.ArrayOf(Gen.Frequency((1, Gen.Constant(0)), (3, Gen.Choose(0, 100)))).ToArbitrary(), check));
}
