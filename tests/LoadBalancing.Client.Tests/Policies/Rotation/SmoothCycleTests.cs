using FsCheck;
using FsCheck.Fluent;
using LoadBalancing.Client.Policies.Rotation;

namespace LoadBalancing.Client.Tests.Policies.Rotation;

public sealed class SmoothCycleTests
{
    [Fact]
    public void TryCompute_FiveOneOne_IsTheOrderOfNginx() =>
        SmoothCycle.TryCompute([5, 1, 1]).ShouldBe([0, 0, 1, 0, 2, 0, 0]);

    [Theory]
    [InlineData(new[] { 1.0 }, 1)]
    [InlineData(new[] { 100.0, 300 }, 4)]
    [InlineData(new[] { 0.001, 0.003 }, 4)]
    [InlineData(new[] { 0.1, 0.2, 0.3 }, 6)]
    [InlineData(new[] { 2.5, 5 }, 3)]
    [InlineData(new[] { 1.0, 4095 }, 4096)]
    [InlineData(new[] { 1e9, 2e9 }, 3)]
    public void TryCompute_WholeThousandths_HasTheShortestCycle(double[] weights, int length) =>
        SmoothCycle.TryCompute(weights)!.Length.ShouldBe(length);

    [Theory]
    [InlineData(new[] { 1.0, 4096 })]
    [InlineData(new[] { 0.0005, 1 })]
    [InlineData(new[] { 1.0 / 3, 1 })]
    [InlineData(new[] { Math.PI, 1 })]
    [InlineData(new[] { double.Epsilon, 1 })]
    [InlineData(new[] { double.MaxValue, 1 })]
    [InlineData(new[] { 1e300, 2e300 })]
    public void TryCompute_AnythingElse_IsNone(double[] weights) =>
        SmoothCycle.TryCompute(weights).ShouldBeNull();

    [Fact]
    public void TryCompute_AnyWholeWeights_IsTheOrderThatTheDefinitionGives() =>
        Prop.ForAll(WholeWeights, weights =>
        {
            int[] cycle = SmoothCycle.TryCompute(Array.ConvertAll(weights, weight => (double)weight)).ShouldNotBeNull();
            cycle.ShouldBe(ByDefinition(weights).Take(cycle.Length));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void TryCompute_AnyWholeWeights_GivesEachItsShareInEachCycle() =>
        Prop.ForAll(WholeWeights, weights =>
        {
            int[] cycle = SmoothCycle.TryCompute(Array.ConvertAll(weights, weight => (double)weight)).ShouldNotBeNull();
            int scale = weights.Sum() / cycle.Length;
            cycle.CountBy(index => index).OrderBy(count => count.Key).Select(count => count.Value * scale).ShouldBe(weights);
        }).QuickCheckThrowOnFailure();

    private static Arbitrary<int[]> WholeWeights { get; } =
        Gen.Choose(1, 20).SelectMany(count => Gen.ArrayOf(Gen.Frequency((3, Gen.Choose(1, 5)), (1, Gen.Choose(1, 200))), count)).ToArbitrary();

    /// <summary>In each turn everyone gains its weight; the one with the most, the first of several, pays the sum.</summary>
    private static IEnumerable<int> ByDefinition(int[] weights)
    {
        int[] credit = new int[weights.Length];
        while (true)
        {
            for (int i = 0; i < credit.Length; i++)
            {
                credit[i] += weights[i];
            }

            int best = Array.IndexOf(credit, credit.Max());
            credit[best] -= weights.Sum();
            yield return best;
        }
    }
}
