using FsCheck;
using FsCheck.Fluent;
using LoadBalancing.Client.Policies.Rotation;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Policies.Rotation;

public sealed class WeightedRoundRobinTests
{
    private static readonly int[] FiveOneOne = [0, 0, 1, 0, 2, 0, 0];

    [Fact]
    public void Pick_FiveOneOne_IsSmooth()
    {
        BackendSet set = Pools.Set(5, 1, 1);
        Picker picker = new WeightedRoundRobinPolicy().CreatePicker(set, new Start(0));

        Pick(picker, set, 14).ShouldBe([.. FiveOneOne, .. FiveOneOne]);
    }

    [Fact]
    public void Pick_ManyBalancers_StartAnywhereInTheCycle()
    {
        BackendSet set = Pools.Set(5, 1, 1);
        Random random = new(5);

        Shares.CountDraws(7_000, 3, () => Pick(new WeightedRoundRobinPolicy().CreatePicker(set, random), set, 1)[0]).ShouldFollow(5, 1, 1);
    }

    [Fact]
    public void Pick_EqualWeights_IsListedOrderHoweverLong()
    {
        BackendSet set = Pools.Set([.. Enumerable.Repeat(2.5, 5_000)]);

        Pick(new WeightedRoundRobinPolicy().CreatePicker(set, new Start(0)), set, 5_000).ShouldBe(Enumerable.Range(0, 5_000));
    }

    [Fact]
    public void CreatePicker_WeightsThatNoCycleFits_UsesTheStride()
    {
        PickerFactory factory = new WeightedRoundRobinPolicy().CreateFactory(new Start(0));

        factory.CreatePicker(Pools.Set(1, 4095)).ShouldBeOfType<CyclePicker>();
        factory.CreatePicker(Pools.Set(1, 4096)).ShouldBeOfType<StridePicker>();
        factory.CreatePicker(Pools.Set(1, 1.0 / 3)).ShouldBeOfType<StridePicker>();
    }

    [Theory]
    [InlineData(1, 2, 3)]
    [InlineData(0.1, 0.25, 4)]
    [InlineData(1.0 / 3, 0.7123456, 1)]
    public void Pick_AnyWeights_SharesFollow(double first, double second, double third)
    {
        BackendSet set = Pools.Set(first, second, third);

        new WeightedRoundRobinPolicy().CreatePicker(set, new Random(3)).CountPicks(set, 100_000).ShouldFollow(first, second, third);
    }

    [Fact]
    public void CreatePicker_Again_GoesOnWhereTheLastOneWas()
    {
        BackendSet set = Pools.Set(5, 1, 1);
        PickerFactory factory = new WeightedRoundRobinPolicy().CreateFactory(new Start(0));

        int[] picked = [.. Enumerable.Range(0, 14).Select(_ => Pick(factory.CreatePicker(set), set, 1)[0])];

        picked.ShouldBe([.. FiveOneOne, .. FiveOneOne]);
    }

    [Fact]
    public void CreatePicker_AgainWithStrides_GoesOnWhereTheLastOneWas()
    {
        BackendSet set = Pools.Set(1, Math.PI, 0.3, Math.E);
        PickerFactory factory = new WeightedRoundRobinPolicy().CreateFactory(new Start(5));
        int[] expected = Pick(new WeightedRoundRobinPolicy().CreatePicker(set, new Start(5)), set, 50);

        int[] picked = [.. Enumerable.Range(0, 50).Select(_ => Pick(factory.CreatePicker(set), set, 1)[0])];

        picked.ShouldBe(expected);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 0)]
    [InlineData(4, 2)]
    [InlineData(5, 0)]
    public void CreatePicker_AnotherWeight_GoesOnInTheSamePartOfTheCycle(int picks, int next)
    {
        // a a b a c a a becomes a a b a a c a a
        PickerFactory factory = new WeightedRoundRobinPolicy().CreateFactory(new Start(0));
        BackendSet before = Pools.Set(5, 1, 1);
        BackendSet after = new([.. before], [.. before], [6, 1, 1]);
        Pick(factory.CreatePicker(before), before, picks);

        Pick(factory.CreatePicker(after), after, 1).ShouldBe([next]);
    }

    [Fact]
    public void CreatePicker_AnyOtherWeights_GoesOnAfterTheOneThatWasPickedLast() =>
        Prop.ForAll(Changes, change =>
        {
            BackendSet before = Pools.Set(change.Before);
            BackendSet after = new([.. before], [.. before], change.After);
            PickerFactory factory = new WeightedRoundRobinPolicy().CreateFactory(new Start(change.Start));
            int last = Pick(factory.CreatePicker(before), before, 1)[0];

            int next = Pick(factory.CreatePicker(after), after, 1)[0];

            int[] cycle = SmoothCycle.TryCompute(change.After).ShouldNotBeNull();
            cycle.Zip([.. cycle[1..], cycle[0]]).ShouldContain((last, next));
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(new[] { 1.0, 1, 1, 1 }, new[] { 1, 1.0001, 0.9999, 1 })]
    [InlineData(new[] { 1, 1.0001, 0.9999, 1 }, new[] { 1.0, 1, 1, 1 })]
    [InlineData(new[] { 1, 1.0001, 0.9999, 1 }, new[] { 1, 0.9999, 1, 1.0001 })]
    public void CreatePicker_OtherKindOfCycle_GoesOnAfterTheOneThatWasPickedLast(double[] weightsBefore, double[] weightsAfter)
    {
        BackendSet before = Pools.Set(weightsBefore);
        BackendSet after = new([.. before.Reverse()], [.. before.Reverse()], weightsAfter);
        for (int start = 0; start < 4; start++)
        {
            // In this generation of strides nobody is skipped, since the weights are nearly the same. The order is turned round.
            PickerFactory factory = new WeightedRoundRobinPolicy().CreateFactory(new Start((5L << 32) + start));
            BackendState last = factory.CreatePicker(before).Pick(default)!;

            factory.CreatePicker(after).Pick(default).ShouldBe(before[(before.Eligible.IndexOf(last) + 3) % 4]);
        }
    }

    [Fact]
    public void CreatePicker_TwoPools_KeepsAPositionForEach()
    {
        BackendSet first = Pools.Set(5, 1, 1);
        BackendSet second = new([.. first], [.. first], [5, 1, 1], pool: 1);
        PickerFactory factory = new WeightedRoundRobinPolicy().CreateFactory(new Start(0));
        Picker one = factory.CreatePicker(first);
        Picker two = factory.CreatePicker(second);

        foreach (int expected in FiveOneOne)
        {
            Pick(one, first, 1).ShouldBe([expected]);
            Pick(two, second, 1).ShouldBe([expected]);
        }
    }

    [Fact]
    public void Pick_OneExcluded_CostsItsTurnsAndNobodyElses()
    {
        BackendSet set = Pools.Set(5, 1, 1);
        Picker picker = new WeightedRoundRobinPolicy().CreatePicker(set, new Start(0));

        picker.CountPicks(set, 100, Pools.Without(set[0])).ShouldBe([0, 50, 50]);
        picker.CountPicks(set, 600, Pools.Without(set[1])).ShouldBe([500, 0, 100]);
    }

    [Fact]
    public void Pick_ManyThreads_IsExactToTheLastPick()
    {
        BackendSet set = Pools.Set(5, 1, 1);
        Picker picker = new WeightedRoundRobinPolicy().CreatePicker(set, new Random(3));
        int[] counts = new int[3];

        Threads.RunOnAll(_ =>
        {
            for (int i = 0; i < 70_000; i++)
            {
                Interlocked.Increment(ref counts[set.Eligible.IndexOf(picker.Pick(default)!)]);
            }
        });

        counts.ShouldBe([Threads.Count * 50_000, Threads.Count * 10_000, Threads.Count * 10_000]);
    }

    [Fact]
    public void Describe_EachBackend_SaysWhenAndHowOftenItIsServed()
    {
        BackendSet set = Pools.Set(5, 1, 1);
        Picker picker = new WeightedRoundRobinPolicy().CreatePicker(set, new Start(3));

        set.Select(backend => picker.Describe(default, backend)).ShouldBe(["in 0 turns, has 5 of 7", "in 6 turns", "in 1 turns"]);
    }

    private static Arbitrary<(double[] Before, double[] After, int Start)> Changes { get; } =
        (from count in Gen.Choose(2, 20)
         from before in Gen.ArrayOf(Gen.Choose(1, 5), count)
         from after in Gen.ArrayOf(Gen.Choose(1, 5), count)
         from start in Gen.Choose(0, 1000)
         select (Array.ConvertAll(before, weight => (double)weight), Array.ConvertAll(after, weight => (double)weight), start)).ToArbitrary();

    private static int[] Pick(Picker picker, BackendSet set, int picks) =>
        [.. Enumerable.Range(0, picks).Select(_ => set.Eligible.IndexOf(picker.Pick(default)!))];

    /// <summary>Draws this place to start.</summary>
    private sealed class Start(long value) : Random
    {
        public override long NextInt64(long maxValue) => value;
    }
}
