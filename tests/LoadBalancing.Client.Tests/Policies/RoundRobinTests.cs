using FsCheck;
using FsCheck.Fluent;
using LoadBalancing.Client.Backends;
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

    [Theory]
    [InlineData("01234", 2, "01234", 3)] // Nothing changes.
    [InlineData("01234", 4, "01234", 0)]
    [InlineData("01234", 2, "0123", 3)] // One comes or goes elsewhere.
    [InlineData("01234", 2, "1234", 3)]
    [InlineData("01234", 2, "012345", 3)]
    [InlineData("1234", 2, "01234", 3)]
    [InlineData("01234", 2, "0124", 4)] // The next goes.
    [InlineData("01234", 4, "1234", 1)]
    [InlineData("0134", 1, "01234", 2)] // Another comes before it.
    [InlineData("01234", 2, "0134", 3)] // The last goes.
    [InlineData("01234", 2, "014", 4)]
    [InlineData("01234", 2, "01", 0)]
    [InlineData("01234", 2, "56780", 0)] // Almost all go.
    [InlineData("01234", 2, "43210", 1)] // The order turns round.
    [InlineData("01234", 2, "2", 2)] // It is alone.
    public void CreatePicker_AnotherList_GoesOnAfterTheOneThatWasPickedLast(string before, int last, string after, int next)
    {
        BackendSet set = Equal(9);
        PickerFactory factory = new RoundRobinPolicy().CreateFactory(new Random(3));
        Picker picker = factory.CreatePicker(Some(set, before));
        while (picker.Pick(default) != set[last])
        {
        }

        factory.CreatePicker(Some(set, after)).Pick(default).ShouldBe(set[next]);
    }

    [Fact]
    public void CreatePicker_NobodyForAWhile_KeepsThePlace()
    {
        BackendSet set = Equal(5);
        PickerFactory factory = new RoundRobinPolicy().CreateFactory(new Random(3));
        Picker before = factory.CreatePicker(set);
        int start = IndexOf(set, before.Pick(default)!);

        factory.CreatePicker(Some(set, "")).Pick(default).ShouldBeNull();
        before.Pick(default).ShouldBe(set[(start + 1) % 5]);

        factory.CreatePicker(set).Pick(default).ShouldBe(set[(start + 2) % 5]);
    }

    [Fact]
    public void CreatePicker_NobodyStays_StartsAnywhere()
    {
        BackendSet set = Equal(9);
        Random random = new(5);

        int[] starts = Shares.CountDraws(4_000, 4, () =>
        {
            PickerFactory factory = new RoundRobinPolicy().CreateFactory(random);
            factory.CreatePicker(Some(set, "01234")).Pick(default);
            return IndexOf(set, factory.CreatePicker(Some(set, "5678")).Pick(default)!) - 5;
        });

        starts.ShouldFollow(1, 1, 1, 1);
    }

    /// <summary>In any one round nobody is served twice: whoever stays waits for each of the others once at most, however often others come and go.</summary>
    [Fact]
    public void Pick_WhileOthersComeAndGo_NobodyIsServedTwiceBeforeOneWhoStays() =>
        Prop.ForAll(Gen.Choose(1, 30).ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (count, seed) =>
        {
            BackendSet set = Equal(count);
            Random random = new(seed);
            PickerFactory factory = new RoundRobinPolicy().CreateFactory(new Random(seed));
            Dictionary<BackendState, HashSet<BackendState>> servedSince = [];
            for (int change = 0; change < 50; change++)
            {
                double share = random.NextDouble();
                BackendState[] some = [.. set.Where(_ => random.NextDouble() < share)];
                Picker picker = factory.CreatePicker(new BackendSet([.. set], some, [.. some.Select(_ => 1.0)]));
                foreach (BackendState gone in servedSince.Keys.Except(some).ToArray())
                {
                    servedSince.Remove(gone);
                }

                for (int picks = some.Length == 0 ? 0 : random.Next(count); picks > 0; picks--)
                {
                    BackendState picked = picker.Pick(default)!;
                    foreach (BackendState waiting in some.Where(backend => backend != picked))
                    {
                        servedSince.TryAdd(waiting, []);
                        servedSince[waiting].Add(picked).ShouldBeTrue();
                    }

                    servedSince.Remove(picked);
                }
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void CreatePicker_WhileOthersPick_LosesNoTurn()
    {
        BackendSet set = Equal(7);
        PickerFactory factory = new RoundRobinPolicy().CreateFactory(new Random(3));
        Picker picker = factory.CreatePicker(set);
        int[] counts = new int[7];

        Threads.RunDuring(
            () =>
            {
                for (int i = 0; i < 10_000; i++)
                {
                    Volatile.Write(ref picker, factory.CreatePicker(set));
                }
            },
            [.. Enumerable.Repeat(() => { Interlocked.Increment(ref counts[IndexOf(set, Volatile.Read(ref picker).Pick(default)!)]); }, 3)]);

        (counts.Max() - counts.Min()).ShouldBeLessThanOrEqualTo(1);
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

    /// <summary>A snapshot in which only these are eligible, in this order.</summary>
    private static BackendSet Some(BackendSet set, string indexes) =>
        new([.. set], [.. indexes.Select(index => set[index - '0'])], [.. indexes.Select(_ => 1.0)]);

    private static BackendSet Equal(int count) => Pools.Set([.. Enumerable.Repeat(1.0, count)]);

    /// <summary>A picker whose last turn was this one.</summary>
    private static Picker CreateAt(long turn, BackendSet set) => new RoundRobinPolicy().CreatePicker(set, new RandomStart(turn + 1));

    private static int IndexOf(BackendSet set, BackendState backend) => set.Eligible.IndexOf(backend);

    /// <summary>Draws a place to start that a balancer would reach only after years.</summary>
    private sealed class RandomStart(long value) : Random
    {
        public override long NextInt64(long maxValue) => value;
    }
}
