using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Balancing.Tiers;

/// <summary>Who may be picked when some cannot: tiers, panic, and what was taken out on purpose.</summary>
public sealed class AvailabilityTests
{
    private const int Seed = 51;

    [Fact]
    public void TryPick_FirstTierHealthy_StaysInIt()
    {
        using Balancer balancer = Build(Tiers(4, 4));

        Picks(balancer, 500).ShouldAllBe(pick => pick.Tier == 0 && pick.Reasons == PickReasons.None);
    }

    [Fact]
    public void TryPick_FirstTierDead_GoesToTheSecondWithoutFailingOpen()
    {
        using Balancer balancer = Build(Tiers(4, 2));
        Fail(balancer, 0, 1, 2, 3);

        Picks(balancer, 500).ShouldAllBe(pick => pick.Tier == 1 && pick.Reasons == PickReasons.SpilledTier);
    }

    [Fact]
    public void TryPick_FirstTierHalfDead_SpillsWhatItsHealthDoesNotCover()
    {
        using Balancer balancer = Build(Tiers(4, 4));
        Fail(balancer, 0, 1);

        List<(int Tier, PickReasons Reasons, string Id)> picks = Picks(balancer, 20_000);

        new[] { picks.Count(pick => pick.Tier == 0), picks.Count(pick => pick.Tier == 1) }.ShouldFollow(70, 30);
        picks.ShouldAllBe(pick => pick.Reasons == (pick.Tier == 0 ? PickReasons.None : PickReasons.SpilledTier));
    }

    [Fact]
    public void TryPick_HalfOfTheFirstTierTakenOutOnPurpose_NeitherSpillsNorPanics()
    {
        using Balancer balancer = Build(Tiers(4, 4), options => options.PanicThreshold = 0.9);
        balancer.Isolate("b0");
        balancer.DrainAsync("b1", TimeSpan.Zero).IsCompleted.ShouldBeTrue();

        Picks(balancer, 500).ShouldAllBe(pick => (pick.Id == "b2" || pick.Id == "b3") && pick.Reasons == PickReasons.None);
    }

    [Fact]
    public void TryPick_WholeFirstTierTakenOutOnPurpose_TheNextOneIsFirst()
    {
        using Balancer balancer = Build(Tiers(1, 2));
        balancer.Isolate("b0");

        Picks(balancer, 200).ShouldAllBe(pick => pick.Tier == 1 && pick.Reasons == PickReasons.None);
    }

    [Fact]
    public void TryPick_NothingEligible_FailsOpenAndSaysSo()
    {
        using Balancer balancer = Build(Tiers(4));
        Fail(balancer, 0, 1, 2, 3);

        List<(int Tier, PickReasons Reasons, string Id)> picks = Picks(balancer, 8_000);

        picks.ShouldAllBe(pick => pick.Reasons == PickReasons.FailOpen);
        picks.CountBy(pick => pick.Id).OrderBy(share => share.Key, StringComparer.Ordinal).Select(share => share.Value).ToArray().ShouldFollow(1, 1, 1, 1);
    }

    [Fact]
    public void TryPick_NothingEligibleInSeveralTiers_UsesThemByTheirSize()
    {
        using Balancer balancer = Build(Tiers(1, 3));
        Fail(balancer, 0, 1, 2, 3);

        List<(int Tier, PickReasons Reasons, string Id)> picks = Picks(balancer, 20_000);

        new[] { picks.Count(pick => pick.Tier == 0), picks.Count(pick => pick.Tier == 1) }.ShouldFollow(25, 75);
        picks.ShouldAllBe(pick => pick.Reasons.HasFlag(PickReasons.FailOpen));
    }

    [Fact]
    public void TryPick_FailOpen_NeverUsesWhatWasTakenOutOnPurpose()
    {
        using Balancer balancer = Build([.. Tiers(5), Pools.Describe(5, weight: 0)]);
        balancer.Isolate("b0");
        balancer.DrainAsync("b1", TimeSpan.Zero).IsCompleted.ShouldBeTrue();
        Fail(balancer, 2, 3, 4, 5);

        Picks(balancer, 500).ShouldAllBe(pick => pick.Reasons == PickReasons.FailOpen && (pick.Id == "b2" || pick.Id == "b3" || pick.Id == "b4"));
    }

    [Fact]
    public void TryPick_OneRecovers_PanicIsOver()
    {
        using Balancer balancer = Build(Tiers(4));
        Fail(balancer, 0, 1, 2, 3);
        balancer.Backends[2].SetFlag(Unavailability.ProbeFailed, false);

        Picks(balancer, 200).ShouldAllBe(pick => pick.Id == "b2" && pick.Reasons == PickReasons.None);
    }

    /// <summary>In whole per cent, one of 200 is no health at all; it is eligible all the same, and the threshold is 0.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TryPick_OneOfTwoHundredEligible_IsUsedAlone(bool failClosed)
    {
        using Balancer balancer = Build(Tiers(200), options => options.FailClosed = failClosed);
        Fail(balancer, [.. Enumerable.Range(0, 199)]);

        Picks(balancer, 200).ShouldAllBe(pick => pick.Id == "b199" && pick.Reasons == PickReasons.None);
    }

    [Fact]
    public void TryPick_FailClosed_IsFalse()
    {
        using Balancer balancer = Build(Tiers(2, 2), options => options.FailClosed = true);
        Fail(balancer, 0, 1, 2, 3);

        balancer.TryPick(default, out _).ShouldBeFalse();

        balancer.Backends[3].SetFlag(Unavailability.ProbeFailed, false);
        balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
        lease.Complete(default);
    }

    /// <summary>Strictly below: at the threshold itself there is no panic.</summary>
    [Theory]
    [InlineData(0.25, PickReasons.None)]
    [InlineData(0.26, PickReasons.FailOpen)]
    public void TryPick_PanicThreshold_IsStrict(double threshold, PickReasons reasons)
    {
        using Balancer balancer = Build(Tiers(4), options => options.PanicThreshold = threshold);
        Fail(balancer, 0, 1, 2);

        List<(int Tier, PickReasons Reasons, string Id)> picks = Picks(balancer, 500);

        picks.ShouldAllBe(pick => pick.Reasons == reasons);
        picks.Select(pick => pick.Id).Distinct(StringComparer.Ordinal).Count().ShouldBe(reasons == PickReasons.None ? 1 : 4);
    }

    [Fact]
    public void TryPick_BelowTheThresholdButTheNextTierCovers_DoesNotPanic()
    {
        using Balancer balancer = Build(Tiers(4, 4), options => options.PanicThreshold = 0.5);
        Fail(balancer, 0, 1, 2);

        Picks(balancer, 500).ShouldAllBe(pick => !pick.Reasons.HasFlag(PickReasons.FailOpen));
    }

    [Fact]
    public void TryPick_WithAHash_KeepsItsTier()
    {
        using Balancer balancer = Build(Tiers(4, 4));
        Fail(balancer, 0, 1);
        int[] tiers = new int[2];

        for (int key = 0; key < 2_000; key++)
        {
            PickRequest request = PickRequest.ForKey((ulong)key);
            int[] seen = [.. Enumerable.Range(0, 5).Select(_ => Pick(balancer, request).Tier).Distinct()];
            seen.Length.ShouldBe(1);
            tiers[seen[0]]++;
        }

        tiers.ShouldFollow(70, 30);
    }

    [Fact]
    public void TryPick_ATiersOnlyBackendIsExcluded_TriesAnotherTier()
    {
        using Balancer balancer = Build(Tiers(1, 1));

        balancer.TryPick(Pools.Without(balancer.Backends[0]), out BackendLease lease).ShouldBeTrue();

        lease.Backend.Id.ShouldBe("b1");
        lease.Reasons.ShouldBe(PickReasons.SpilledTier | PickReasons.Repicked);
    }

    /// <summary>A cap that is reached is no reason to leave the tier while another backend of it has room.</summary>
    [Fact]
    public void TryPick_AllButOneOfTheFirstTierAtTheirCaps_FindsTheOne()
    {
        Backend[] backends = [.. Tiers(20, 20).Select(backend => backend with { MaxConcurrency = backend.Priority == 0 ? 1 : null })];
        for (int free = 0; free < 20; free++)
        {
            using Balancer balancer = Build(backends);
            foreach (BackendState busy in balancer.Backends.Where((backend, index) => index < 20 && index != free))
            {
                busy.Occupy(1);
            }

            Pick(balancer, default).Id.ShouldBe(balancer.Backends[free].Id);
        }
    }

    [Fact]
    public void TryPick_FirstTierAtItsCaps_SpillsAndSaysSo()
    {
        Backend[] backends = [.. Tiers(2, 2).Select(backend => backend with { MaxConcurrency = 1 })];
        using Balancer balancer = Build(backends);
        balancer.Backends[0].Occupy(1);
        balancer.Backends[1].Occupy(1);

        (int tier, PickReasons reasons, _) = Pick(balancer, default);

        tier.ShouldBe(1);
        reasons.ShouldBe(PickReasons.SpilledTier | PickReasons.Repicked);
    }

    [Fact]
    public void TryPick_TwoHundredTiers_Works()
    {
        using Balancer balancer = Build([.. Enumerable.Range(0, 200).Select(index => Pools.Describe(index) with { Priority = index })]);
        Fail(balancer, [.. Enumerable.Range(0, 200)]);

        Picks(balancer, 500).ShouldAllBe(pick => pick.Reasons.HasFlag(PickReasons.FailOpen));
    }

    private static Backend[] Tiers(params int[] sizes) =>
        [.. sizes.SelectMany((size, tier) => Enumerable.Repeat(tier, size)).Select((tier, index) => Pools.Describe(index) with { Priority = tier })];

    private static Balancer Build(Backend[] backends, Action<BalancerOptions>? configure = null) =>
        new BalancerBuilder("orders").AddBackends(backends).UsePolicy(new RandomPolicy()).UseRandom(new Random(Seed)).Configure(configure ?? (_ => { })).Build();

    private static void Fail(Balancer balancer, params int[] indexes)
    {
        BackendSet backends = balancer.Backends;
        Array.ForEach(indexes, index => backends[index].SetFlag(Unavailability.ProbeFailed, true));
    }

    private static List<(int Tier, PickReasons Reasons, string Id)> Picks(Balancer balancer, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => Pick(balancer, default))];

    private static (int Tier, PickReasons Reasons, string Id) Pick(Balancer balancer, in PickRequest request)
    {
        balancer.TryPick(request, out BackendLease lease).ShouldBeTrue();
        lease.Complete(Outcome.Succeeded);
        return (lease.Backend.Description.Priority, lease.Reasons, lease.Backend.Id);
    }
}
