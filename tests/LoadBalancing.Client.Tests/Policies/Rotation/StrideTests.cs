using FsCheck;
using FsCheck.Fluent;
using LoadBalancing.Client.Policies.Rotation;
using LoadBalancing.Client.Tests.Fixtures;
using LoadBalancing.Client.Tests.Policies.Sampling;

namespace LoadBalancing.Client.Tests.Policies.Rotation;

public sealed class StrideTests
{
    private const int Period = ushort.MaxValue;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(1_000_003)]
    [InlineData((1L << 40) + 7)]
    public void Pick_OneTwoThree_GivesSixPicksInThoseProportionsFromAnyStart(long start)
    {
        BackendSet set = Pools.Set(1, 2, 3);

        CreatePicker(set, start).CountPicks(set, 6).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public void Pick_AnyWeights_IsTheOrderThatTheDefinitionGives() =>
        Prop.ForAll(WeightCases.AnyOfTwoOrMore, Starts, (weights, start) =>
        {
            BackendSet set = Pools.Set(weights);
            Picker picker = CreatePicker(set, start);
            StrideTable table = new(weights);

            int[] picked = [.. Enumerable.Range(0, 200).Select(_ => set.Eligible.IndexOf(picker.Pick(default)!))];

            picked.ShouldBe(ByDefinition([.. Enumerable.Range(0, weights.Length).Select(table.WeightOf)], start).Take(200));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Pick_AWholePeriod_GivesEachExactlyItsScaledWeight()
    {
        double[] weights = [1, Math.PI, Math.E, 0.5];
        BackendSet set = Pools.Set(weights);
        StrideTable table = new(weights);
        int[] scaled = [.. Enumerable.Range(0, weights.Length).Select(table.WeightOf)];

        CreatePicker(set, 0).CountPicks(set, scaled.Sum()).ShouldBe(scaled);
    }

    [Fact]
    public void WeightOf_OrdinaryWeights_AreInProportionToTheLargest()
    {
        StrideTable table = new([1, 2, 3]);

        Enumerable.Range(0, 3).Select(table.WeightOf).ShouldBe([Period / 3, Period * 2 / 3, Period]);
    }

    [Fact]
    public void WeightOf_OneFarAboveTheMean_IsCappedAtTenTimesTheMean()
    {
        // The mean is 1000 / 21; ten times that is the new largest.
        double[] weights = [.. Enumerable.Repeat(1.0, 20), 980];
        StrideTable table = new(weights);

        table.WeightOf(20).ShouldBe(Period);
        table.WeightOf(0).ShouldBe((int)Math.Round(Period / (10 * 1000.0 / 21)));
    }

    [Fact]
    public void WeightOf_OneFarBelowTheMean_IsRaisedToAHundredthOfTheMean()
    {
        StrideTable table = new([1e-9, 1, 1]);

        table.WeightOf(0).ShouldBe((int)Math.Round(Period * (2.0 / 3) / 100));
        table.WeightOf(1).ShouldBe(Period);
    }

    [Theory]
    [MemberData(nameof(WeightCases.All), MemberType = typeof(WeightCases))]
    public void WeightOf_AnyWeights_HasOneThatIsNeverSkipped(string name)
    {
        StrideTable table = new(WeightCases.Of(name));

        Enumerable.Range(0, table.Count).Select(table.WeightOf).ShouldBeSubsetOf(Enumerable.Range(1, Period));
        Enumerable.Range(0, table.Count).Select(table.WeightOf).ShouldContain(Period);
    }

    [Fact]
    public void Pick_OneExcluded_TheOthersKeepTheirProportions()
    {
        BackendSet set = Pools.Set(1, 2, 3, 6);

        CreatePicker(set, 5).CountPicks(set, 6_000, Pools.Without(set[3])).ShouldBe([1000, 2000, 3000, 0]);
    }

    [Fact]
    public void Pick_ManyThreads_IsExactToTheLastPick()
    {
        BackendSet set = Pools.Set(1, 2, 3);
        Picker picker = CreatePicker(set, 0);
        int[] counts = new int[3];

        Threads.RunOnAll(_ =>
        {
            for (int i = 0; i < 60_000; i++)
            {
                Interlocked.Increment(ref counts[set.Eligible.IndexOf(picker.Pick(default)!)]);
            }
        });

        counts.ShouldBe([Threads.Count * 10_000, Threads.Count * 20_000, Threads.Count * 30_000]);
    }

    private static Arbitrary<long> Starts { get; } =
        Gen.Choose(0, int.MaxValue).SelectMany(_ => Gen.Choose(0, int.MaxValue), (high, low) => ((long)(high >> 1) << 32) | (long)(uint)low).ToArbitrary();

    private static StridePicker CreatePicker(BackendSet set, long start) =>
        new([.. set], new StrideTable(set.EligibleWeights), (ulong)start);

    /// <summary>Step s visits backend s mod n in generation s / n. The upper half of the start is a generation, the lower half a backend.</summary>
    private static IEnumerable<int> ByDefinition(int[] scaled, long start)
    {
        for (long step = ((start >> 32) * scaled.Length) + ((start & uint.MaxValue) % scaled.Length); ; step++)
        {
            long index = step % scaled.Length;
            long generation = step / scaled.Length;
            if (((scaled[index] * generation) + (index * (Period / 2))) % Period >= Period - scaled[index])
            {
                yield return (int)index;
            }
        }
    }
}
