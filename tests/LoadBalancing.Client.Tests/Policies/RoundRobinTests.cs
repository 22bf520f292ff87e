using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Policies;

public sealed class RoundRobinTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Pick_InTurn_IsTheNextInListedOrder(int count)
    {
        BackendSet set = Equal(count);
        Picker picker = new RoundRobinPolicy().CreatePicker(set, new Random(3));

        BackendState[] picked = [.. Enumerable.Range(0, (2 * count) + 1).Select(_ => picker.Pick(default)!)];

        picked.Take(count).Distinct().Count().ShouldBe(count);
        int start = IndexOf(set, picked[0]);
        picked.Index().ShouldAllBe(item => item.Item == set[(start + item.Index) % count]);
    }

    /// <summary>The remainder is computed without a division; it has to be exact for every turn, whatever the number of backends.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData((1L << 31) - 5)]
    [InlineData((1L << 32) - 5)]
    [InlineData((1L << 33) - 5)]
    [InlineData((1L << 62) - 5)]
    [InlineData(long.MaxValue - 20)]
    public void Pick_AtAnyTurn_IsExactlyTurnModuloCount(long start)
    {
        foreach (int count in (int[])[1, 2, 3, 5, 7, 10, 641, 1000, 4096, 9973])
        {
            BackendSet set = Equal(count);
            Picker picker = CreateAt(start, set);

            for (long turn = start + 1; turn <= start + 12; turn++)
            {
                picker.Pick(default).ShouldBe(set[(int)(turn % count)]);
            }
        }
    }

    [Fact]
    public void Pick_ManyBalancers_StartAtRandomPlaces()
    {
        BackendSet set = Equal(5);
        Random random = new(5);

        int[] starts = Shares.CountDraws(5_000, 5, () => IndexOf(set, new RoundRobinPolicy().CreatePicker(set, random).Pick(default)!));

        starts.ShouldFollow(1, 1, 1, 1, 1);
    }

    [Fact]
    public void CreatePicker_Again_GoesOnWhereTheLastOneWas()
    {
        BackendSet set = Equal(5);
        PickerFactory factory = new RoundRobinPolicy().CreateFactory(new Random(3));
        int start = IndexOf(set, factory.CreatePicker(set).Pick(default)!);

        for (int i = 1; i < 20; i++)
        {
            factory.CreatePicker(set).Pick(default).ShouldBe(set[(start + i) % 5]);
        }
    }

    [Fact]
    public void CreatePicker_TwoPools_KeepsAPositionForEach()
    {
        BackendSet first = Equal(3);
        BackendSet second = new([.. first], [.. first], [1, 1, 1], pool: 1);
        PickerFactory factory = new RoundRobinPolicy().CreateFactory(new Random(3));
        Picker one = factory.CreatePicker(first);
        Picker two = factory.CreatePicker(second);
        int oneStart = IndexOf(first, one.Pick(default)!);
        int twoStart = IndexOf(second, two.Pick(default)!);

        for (int i = 1; i < 10; i++)
        {
            one.Pick(default).ShouldBe(first[(oneStart + i) % 3]);
            two.Pick(default).ShouldBe(second[(twoStart + i) % 3]);
        }
    }

    [Fact]
    public void Pick_OneExcluded_CostsItsTurnAndNobodyElses()
    {
        BackendSet set = Equal(4);
        Picker picker = CreateAt(3, set);

        // Turns 4, 5, 6, … belong to backends 0, 1, 2, …
        picker.Pick(default).ShouldBe(set[0]);
        picker.Pick(Pools.Without(set[1])).ShouldBe(set[2]);
        picker.Pick(default).ShouldBe(set[3]);
        picker.Pick(Pools.Without(set[3])).ShouldBe(set[0]);
        picker.Pick(default).ShouldBe(set[1]);
    }

    [Fact]
    public void Pick_AlwaysOneExcluded_TheOthersStayEven()
    {
        BackendSet set = Equal(5);

        new RoundRobinPolicy().CreatePicker(set, new Random(3)).CountPicks(set, 4_000, Pools.Without(set[2])).ShouldBe([1000, 1000, 0, 1000, 1000]);
    }

    [Fact]
    public void Pick_ManyThreads_IsEvenToTheLastPick()
    {
        BackendSet set = Equal(7);
        Picker picker = new RoundRobinPolicy().CreatePicker(set, new Random(3));
        int[] counts = new int[7];

        Threads.RunOnAll(_ =>
        {
            for (int i = 0; i < 70_000; i++)
            {
                Interlocked.Increment(ref counts[IndexOf(set, picker.Pick(default)!)]);
            }
        });

        counts.ShouldAllBe(count => count == Threads.Count * 10_000);
    }

    [Fact]
    public void Pick_DifferentWeights_HaveNoEffect()
    {
        BackendSet set = Pools.Set(1, 5, 100);

        new RoundRobinPolicy().CreatePicker(set, new Random(3)).CountPicks(set, 3_000).ShouldBe([1000, 1000, 1000]);
    }

    [Fact]
    public void Describe_EachBackend_SaysHowManyTurnsItIsAway()
    {
        BackendSet set = Equal(3);
        Picker picker = CreateAt(3, set);

        for (int turn = 4; turn < 10; turn++)
        {
            string[] described = [.. set.Select(backend => picker.Describe(default, backend)!)];
            described.Index().ShouldAllBe(item => item.Item == $"in {(item.Index + 9 - (turn % 3)) % 3} turns");
            picker.Pick(default);
        }
    }

    private static BackendSet Equal(int count) => Pools.Set([.. Enumerable.Repeat(1.0, count)]);

    /// <summary>A picker whose last turn was this one.</summary>
    private static Picker CreateAt(long turn, BackendSet set) => new RoundRobinPolicy().CreatePicker(set, new RandomStart(turn));

    private static int IndexOf(BackendSet set, BackendState backend) => set.Eligible.IndexOf(backend);

    /// <summary>Draws a place to start that a balancer would reach only after years.</summary>
    private sealed class RandomStart(long value) : Random
    {
        public override long NextInt64(long maxValue) => value;
    }
}
