using LoadBalancing.Client.Load;
using LoadBalancing.Client.Policies.Sampling;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Policies;

public sealed class LeastRequestTests
{
    private const int Seed = 31;
    private const int Picks = 200_000;

    [Theory]
    [InlineData(1, new double[] { 1, 1, 1, 1 })]
    [InlineData(2, new double[] { 1, 1, 1, 1 })]
    [InlineData(3, new double[] { 1, 1, 1, 1, 1 })]
    [InlineData(1, new double[] { 1, 2, 3 })]
    [InlineData(2, new double[] { 1, 2, 3 })]
    [InlineData(2, new double[] { 1, 1000 })]
    [InlineData(3, new double[] { 1, 2, 3, 4 })]
    [InlineData(2, new double[] { 1, 1, 1, 1000 })]
    [InlineData(3, new double[] { 1, 2, 3 })]
    [InlineData(int.MaxValue, new double[] { 1, 1, 1, 1 })]
    [InlineData(int.MaxValue, new double[] { 1, 2, 3 })]
    [InlineData(int.MaxValue, new double[] { 1, 1000, 1 })]
    [InlineData(int.MaxValue, new double[] { double.MaxValue, double.MaxValue, double.MaxValue })]
    public void Pick_AllIdle_SharesFollowTheWeights(int choices, double[] weights)
    {
        BackendSet set = Pools.Set(weights);

        Create(choices, set).CountPicks(set, Picks).ShouldFollow(weights);
    }

    /// <summary>One is idle and the others are equally busy, so it is picked exactly when it is among the two: first, or second after any other.</summary>
    [Theory]
    [InlineData(new double[] { 1, 1, 1, 1 })]
    [InlineData(new double[] { 1, 2, 3, 4 })]
    [InlineData(new double[] { 4, 3, 2, 1 })]
    public void Pick_TwoChoicesOneIdle_IsPickedAsOftenAsItIsDrawn(double[] weights)
    {
        BackendSet set = Pools.Set(weights);
        for (int i = 1; i < set.Count; i++)
        {
            set[i].Occupy(1000);
        }

        double total = weights.Sum();
        double drawn = weights[0] / total;
        for (int i = 1; i < weights.Length; i++)
        {
            drawn += weights[i] / total * (weights[0] / (total - weights[i]));
        }

        int picked = Create(2, set).CountPicks(set, Picks)[0];

        new[] { picked, Picks - picked }.ShouldFollow(drawn, 1 - drawn);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(int.MaxValue)]
    public void Pick_AmongAll_TheLeastLoadedPerWeightWins(int choices)
    {
        // 2/1, 3/2 and 9/4 in flight per weight.
        BackendSet set = Pools.Set([.. new double[] { 1, 2, 4 }.Take(choices)]);
        int[] inFlight = [2, 3, 9];
        for (int i = 0; i < set.Count; i++)
        {
            set[i].Occupy(inFlight[i]);
        }

        Create(choices, set).CountPicks(set, 1000)[1].ShouldBe(1000);
    }

    [Fact]
    public void Pick_Tie_GoesToTheFirstDrawn()
    {
        double[] weights = [1, 2, 3, 4];
        BackendSet set = Pools.Set(weights);
        foreach (BackendState backend in set)
        {
            backend.Occupy((int)backend.Description.Weight * 3);
        }

        // The first of two is drawn in proportion to weight; any other rule would shift the shares.
        Create(2, set).CountPicks(set, Picks).ShouldFollow(weights);

        // And with the same seed, draw by draw.
        WeightedSampler sampler = new(set, new Random(Seed));
        Picker picker = Create(2, set);
        for (int i = 0; i < 1000; i++)
        {
            sampler.DrawPair(out int first, out _);
            picker.Pick(default).ShouldBe(set[first]);
        }
    }

    [Fact]
    public void Pick_FullScanWithTies_BreaksThemInProportionToWeight()
    {
        BackendSet set = Pools.Set(1, 2, 3, 4, 5);
        foreach (BackendState backend in set)
        {
            backend.Occupy((int)backend.Description.Weight * 2);
        }

        set[4].Occupy(1);

        Create(int.MaxValue, set).CountPicks(set, Picks).ShouldFollow(1, 2, 3, 4, 0);
    }

    [Fact]
    public void Pick_FullScanOption_LooksAtAll()
    {
        BackendSet set = Pools.Set([.. Enumerable.Repeat(1.0, 50)]);
        foreach (BackendState backend in set.Skip(1))
        {
            backend.Occupy(1);
        }

        new LeastRequestPolicy { FullScan = true }.CreatePicker(set, new Random(Seed)).CountPicks(set, 1000)[0].ShouldBe(1000);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(int.MaxValue)]
    public void Pick_AllExcluded_IsAsIfNoneWere(int choices)
    {
        BackendSet set = Pools.Set(1, 1, 1);
        set[0].Occupy(2);
        set[1].Occupy(1);

        int[] picks = Create(choices, set).CountPicks(set, Picks, Pools.Without(set));

        picks.ShouldFollow(choices == 2 ? [0, 1, 2] : [0, 0, 1]);
    }

    [Theory]
    [InlineData(63, 0.63)]
    [InlineData(64, 0.64)]
    [InlineData(65, 1)]
    [InlineData(99, 1)]
    [InlineData(100, 1)]
    [InlineData(101, 1)]
    public void Pick_ManyChoices_Above64LooksAtAll(int choices, double shareOfTheIdleOne)
    {
        BackendSet set = Pools.Set([.. Enumerable.Repeat(1.0, 100)]);
        foreach (BackendState backend in set.Skip(1))
        {
            backend.Occupy(1);
        }

        int found = Create(choices, set).CountPicks(set, 2000)[0];

        new[] { found, 2000 - found }.ShouldFollow(shareOfTheIdleOne, 1 - shareOfTheIdleOne);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(int.MaxValue)]
    public void Pick_OneExcluded_TheOthersKeepTheirProportion(int choices)
    {
        BackendSet set = Pools.Set(5, 1, 2, 3);

        Create(choices, set).CountPicks(set, Picks, Pools.Without(set[0])).ShouldFollow(0, 1, 2, 3);
    }

    /// <summary>Long-lived streams: with every choice seeing the load so far, nobody is far above the mean (a plain random choice would be at about 130).</summary>
    [Fact]
    public void Pick_NothingEverCompletes_LoadStaysEven()
    {
        BackendSet set = Pools.Set([.. Enumerable.Repeat(1.0, 100)]);
        Picker picker = Create(2, set);
        for (int i = 0; i < 10_000; i++)
        {
            picker.Pick(default)!.Occupy(1);
        }

        set.Max(backend => backend.InFlight).ShouldBeLessThanOrEqualTo(104);
    }

    [Fact]
    public void ChoiceCount_BelowOne_Throws() =>
        Should.Throw<ArgumentOutOfRangeException>(() => new LeastRequestPolicy { ChoiceCount = 0 }).ParamName.ShouldBe("ChoiceCount");

    [Fact]
    public void Describe_EachBackend_SaysItsLoad()
    {
        BackendSet set = Pools.Set(1, 2, 4);
        set[1].Occupy(3);
        Picker picker = Create(2, set);

        picker.Describe(default, set[0]).ShouldBe("load 0");
        picker.Describe(default, set[1]).ShouldBe("load 1.5");
    }

    [Theory]
    [InlineData(new double[] { 1e-300, 1e300 })]
    [InlineData(new double[] { double.Epsilon, double.MaxValue })]
    public void GetLoad_ExtremeWeights_IsFiniteAndOrdered(double[] weights)
    {
        BackendSet set = Pools.Set(weights);
        InFlightLoad load = new(set);
        load.GetLoad(0).ShouldBe(0);
        foreach (BackendState backend in set)
        {
            backend.Occupy(1000);
        }

        double.IsFinite(load.GetLoad(0)).ShouldBeTrue();
        load.GetLoad(0).ShouldBeGreaterThan(load.GetLoad(1));
    }

    private static Picker Create(int choices, BackendSet set) => new LeastRequestPolicy { ChoiceCount = choices }.CreatePicker(set, new Random(Seed));
}
