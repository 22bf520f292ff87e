using System.Globalization;
using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Balancing.Zones;

/// <summary>Traffic stays in the caller's zone, as far as its share of the backends allows.</summary>
public sealed class ZoneAwareTests
{
    private const int Seed = 61;

    [Fact]
    public void TryPick_EnoughInTheOwnZone_StaysInIt()
    {
        using Balancer balancer = Build("a", Zones("aaabbb"));

        CountPicks(balancer, 500).ShouldBe(new Dictionary<string, int> { ["a"] = 500 });
        Pick(balancer).Reasons.ShouldBe(PickReasons.None);
    }

    [Fact]
    public void TryPick_TooFewInTheOwnZone_SpillsInProportionToWhatTheOthersHaveLeft()
    {
        // Callers are spread evenly: a third each. Weights: 1/12, 3/12, 8/12.
        using Balancer balancer = Build("a", Zones("abbbcccccccc"));

        Dictionary<string, int> picks = CountPicks(balancer, 20_000);

        new[] { picks["a"], picks["c"] }.ShouldFollow(25, 75);
        picks.ContainsKey("b").ShouldBeFalse();
    }

    [Fact]
    public void TryPick_SpilledToAnotherZone_SaysSo()
    {
        using Balancer balancer = Build("a", Zones("abbbbb"));

        for (int i = 0; i < 500; i++)
        {
            (string zone, PickReasons reasons) = Pick(balancer);
            reasons.ShouldBe(zone == "a" ? PickReasons.None : PickReasons.SpilledZone);
        }
    }

    [Fact]
    public void TryPick_WeightsAndSickBackends_CountByEligibleWeight()
    {
        // Zone a: 3 of 9 eligible weight.
        Backend[] backends = [.. Zones("aabbbbb").Select((backend, index) => backend with { Weight = index == 0 ? 3 : index == 1 ? 100 : 1.2 })];
        using Balancer balancer = Build("a", backends);
        balancer.Backends[1].SetFlag(Unavailability.Ejected, true);

        Dictionary<string, int> picks = CountPicks(balancer, 20_000);

        new[] { picks["a"], picks["b"] }.ShouldFollow(2, 1);
    }

    /// <summary>Zone a has a quarter of the weight.</summary>
    [Theory]
    [InlineData(3, 1, 1 / 3.0)]
    [InlineData(1, 1, 0.5)]
    [InlineData(1, 3, 1)]
    [InlineData(0, 1, 1)]
    public void TryPick_CallerShares_AreTakenInsteadOfEvenOnes(double callersInA, double callersInB, double shareOfA)
    {
        using Balancer balancer = Build("a", Zones("aabbbbbb"), zones => zones.CallerShares = new Dictionary<string, double> { ["a"] = callersInA, ["b"] = callersInB });

        Dictionary<string, int> picks = CountPicks(balancer, 20_000);

        new[] { picks["a"], picks.GetValueOrDefault("b") }.ShouldFollow(shareOfA, 1 - shareOfA);
    }

    [Theory]
    [InlineData("aab", 6, true)]
    [InlineData("aaabbb", 6, false)]
    [InlineData("aaabb", 6, true)]
    [InlineData("aab", 3, false)]
    public void TryPick_FewerEligibleThanMinBackends_UsesAllZones(string zones, int minBackends, bool usesAll)
    {
        using Balancer balancer = Build("a", Zones(zones), options => options.MinBackends = minBackends);

        Dictionary<string, int> picks = CountPicks(balancer, 2_000);

        picks.ContainsKey("b").ShouldBe(usesAll);
        Enumerable.Range(0, 100).ShouldAllBe(_ => Pick(balancer).Reasons == PickReasons.None);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nowhere")]
    public void TryPick_ZoneUnknownOrWithoutBackends_UsesAllZones(string zone)
    {
        using Balancer balancer = Build(zone, Zones("aaabbb"));

        Dictionary<string, int> picks = CountPicks(balancer, 8_000);

        new[] { picks["a"], picks["b"] }.ShouldFollow(1, 1);
    }

    [Fact]
    public void TryPick_OwnZoneDead_UsesTheOthersAndSaysSo()
    {
        using Balancer balancer = Build("a", Zones("aabbbccc"));
        balancer.Backends[0].SetFlag(Unavailability.ProbeFailed, true);
        balancer.Backends[1].SetFlag(Unavailability.ProbeFailed, true);

        Dictionary<string, int> picks = CountPicks(balancer, 8_000);

        new[] { picks["b"], picks["c"] }.ShouldFollow(1, 1);
        Enumerable.Range(0, 100).ShouldAllBe(_ => Pick(balancer).Reasons == PickReasons.SpilledZone);
    }

    [Fact]
    public void TryPick_Panic_UsesAllZones()
    {
        using Balancer balancer = Build("a", Zones("aaabbb"));
        foreach (BackendState backend in balancer.Backends)
        {
            backend.SetFlag(Unavailability.ProbeFailed, true);
        }

        Dictionary<string, int> picks = CountPicks(balancer, 8_000);

        new[] { picks["a"], picks["b"] }.ShouldFollow(1, 1);
        Pick(balancer).Reasons.ShouldBe(PickReasons.FailOpen);
    }

    /// <summary>Each tier by itself: the first has nobody in the caller's zone, the second has.</summary>
    [Fact]
    public void TryPick_SeveralTiers_AreSplitOneByOne()
    {
        Backend[] backends = [.. Zones("bbbbbbcccaaabbb").Select((backend, index) => backend with { Priority = index / 6 })];
        using Balancer balancer = Build("a", backends, options => options.MinBackends = 4);
        for (int i = 0; i < 3; i++)
        {
            balancer.Backends[i].SetFlag(Unavailability.ProbeFailed, true);
        }

        // Tier 0: 3 of 6, all in b, health 70 %, too small for zones. Tier 1 takes 30 %, all of it in a.
        Dictionary<(int, string), int> picks = Enumerable.Range(0, 20_000)
            .Select(_ => PickBackend(balancer))
            .CountBy(backend => (backend.Description.Priority, backend.Description.Locality.Zone))
            .ToDictionary();

        picks.Keys.Order().ShouldBe([(0, "b"), (1, "a")]);
        new[] { picks[(0, "b")], picks[(1, "a")] }.ShouldFollow(70, 30);
    }

    [Theory]
    [InlineData("r1", "1", new[] { 0, 1, 2 })]
    [InlineData("", "1", new[] { 0, 1, 2, 3, 4, 5 })]
    public void TryPick_ZonesOfTheSameNameInTwoRegions_AreTwoUnlessTheRegionIsUnknown(string region, string zone, int[] picked)
    {
        Backend[] backends = [.. Pools.DescribeMany(6).Select((backend, index) => backend with { Locality = new Locality(index < 3 ? "r1" : "r2", "1") })];
        using Balancer balancer = Build(new Locality(region, zone), backends);

        Enumerable.Range(0, 1_000).Select(_ => PickBackend(balancer).Id).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .ShouldBe(picked.Select(index => string.Create(CultureInfo.InvariantCulture, $"b{index}")));
    }

    [Fact]
    public void TryPick_OwnZoneAtItsCaps_LooksAtAllOfItBeforeItLeaves()
    {
        Backend[] backends = [.. Zones($"{new string('a', 20)}{new string('b', 20)}").Select(backend => backend with { MaxConcurrency = backend.Locality.Zone == "a" ? 1 : null })];
        for (int free = 0; free < 20; free++)
        {
            using Balancer balancer = Build("a", backends);
            foreach (BackendState busy in balancer.Backends.Where((backend, index) => index < 20 && index != free))
            {
                busy.Occupy(1);
            }

            PickBackend(balancer).Id.ShouldBe(balancer.Backends[free].Id);
        }
    }

    [Fact]
    public void TryPick_AllOfTheOwnZoneExcluded_LeavesIt()
    {
        using Balancer balancer = Build("a", Zones("abbbbb"), zones => zones.CallerShares = new Dictionary<string, double> { ["b"] = 1 });

        balancer.TryPick(Pools.Without(balancer.Backends[0]), out BackendLease lease).ShouldBeTrue();

        lease.Backend.Description.Locality.Zone.ShouldBe("b");
        lease.Reasons.ShouldBe(PickReasons.SpilledZone | PickReasons.Repicked);
    }

    [Theory]
    [InlineData("ring_hash")]
    [InlineData("maglev")]
    [InlineData("rendezvous")]
    public void TryPick_WithAHash_KeepsItsBackendAndFollowsTheShares(string policy)
    {
        using Balancer balancer = Build("a", Zones("abbbbb"), policy: Policies.PolicyCases.Create(policy));
        int[] zones = new int[2];

        for (int key = 0; key < 4_000; key++)
        {
            PickRequest request = PickRequest.ForKey((ulong)key);
            BackendState picked = PickBackend(balancer, request);
            PickBackend(balancer, request).ShouldBe(picked);
            balancer.GetBackends(request, 1).ShouldBe([picked]);
            zones[picked.Description.Locality.Zone == "a" ? 0 : 1]++;
        }

        zones.ShouldFollow(1, 2);
    }

    /// <summary>What chooses the tier, the zone and the backend are three different things: each combination gets its share of the keys.</summary>
    [Fact]
    public void TryPick_KeysOverTiersAndZones_AreIndependent()
    {
        Backend[] backends = [.. Zones("abbbbbabbbbb").Select((backend, index) => backend with { Priority = index / 6 })];
        using Balancer balancer = Build("a", backends, options => options.MinBackends = 2, new RendezvousPolicy());
        foreach (int index in (int[])[3, 4, 5])
        {
            balancer.Backends[index].SetFlag(Unavailability.ProbeFailed, true);
        }

        // Tier 0: 70 %, a has 1 of 3, so 2/3 of it. Tier 1: 30 %, a has 1 of 6, so 1/3 of it.
        int[] counts = Shares.CountDraws(30_000, 12, new KeyWalk(balancer).Next);

        counts.ShouldFollow(70 * 2 / 3.0, 70 / 6.0, 70 / 6.0, 0, 0, 0, 10, 4, 4, 4, 4, 4);
    }

    /// <summary>A zone keeps its table and its turn: it is the same pool after a rebuild, and no other pool has its number.</summary>
    [Fact]
    public void Pool_OfTiersAndZones_IsDistinctAndStays()
    {
        PoolWatch policy = new();
        Backend[] backends = [.. Zones("aabbccaabbcc").Select((backend, index) => backend with { Priority = index / 6 })];
        using Balancer balancer = Build("a", backends, options => options.MinBackends = 1, policy);
        balancer.Backends[0].SetFlag(Unavailability.ProbeFailed, true);
        balancer.Backends[1].SetFlag(Unavailability.ProbeFailed, true);
        balancer.Backends[2].SetFlag(Unavailability.ProbeFailed, true);
        balancer.Backends[6].SetFlag(Unavailability.ProbeFailed, true);
        foreach (BackendState backend in balancer.Backends)
        {
            backend.SetFlag(Unavailability.ProbeFailed, false);
        }

        policy.PlacesByPool.Count.ShouldBeGreaterThan(4);
        policy.PlacesByPool.Values.ShouldAllBe(places => places.Count == 1);
        policy.PlacesByPool.Values.SelectMany(places => places).ShouldBeUnique();
    }

    [Fact]
    public void Explain_Zones_ReadsAsVerified()
    {
        using Balancer balancer = Build("a", [.. Zones("abbbcccccccc"), Pools.Describe(12)]);

        Verified.Match(balancer.Explain(default).ToString());
    }

    [Fact]
    public void TryPickAndComplete_AcrossZones_AllocateNothing()
    {
        using Balancer balancer = Build("a", Zones("abbbcccccccc"));

        Allocations.ShouldBeZero(() =>
        {
            balancer.TryPick(default, out BackendLease lease);
            lease.Complete(Outcome.Succeeded);
        });
    }

    [Fact]
    public void Locality_NotSet_IsWhatTheEnvironmentSays()
    {
        using Balancer balancer = new BalancerBuilder("orders") { ReadVariable = name => name == "LOADBALANCING_ZONE" ? "b" : null }
            .AddBackends(Zones("aaabbb")).UseZoneAwareRouting().Build();

        Enumerable.Range(0, 100).ShouldAllBe(_ => Pick(balancer).Zone == "b");
    }

    private static Backend[] Zones(string zones) =>
        [.. zones.Select((zone, index) => Pools.Describe(index) with { Locality = new Locality(zone: zone.ToString()) })];

    private static Balancer Build(string zone, Backend[] backends, Action<ZoneAwareOptions>? configure = null, LoadBalancingPolicy? policy = null) =>
        Build(new Locality(zone: zone), backends, configure, policy);

    private static Balancer Build(Locality caller, Backend[] backends, Action<ZoneAwareOptions>? configure = null, LoadBalancingPolicy? policy = null) =>
        new BalancerBuilder("orders") { ReadVariable = _ => null }
            .AddBackends(backends).UsePolicy(policy ?? new RandomPolicy()).UseRandom(new Random(Seed)).UseTimeProvider(new FakeTimeProvider())
            .UseLocality(caller).UseZoneAwareRouting(configure).Build();

    private static Dictionary<string, int> CountPicks(Balancer balancer, int count) => Enumerable.Range(0, count).Select(_ => Pick(balancer).Zone).CountBy(zone => zone).ToDictionary();

    private static (string Zone, PickReasons Reasons) Pick(Balancer balancer)
    {
        balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
        lease.Complete(Outcome.Succeeded);
        return (lease.Backend.Description.Locality.Zone, lease.Reasons);
    }

    private static BackendState PickBackend(Balancer balancer, in PickRequest request = default)
    {
        balancer.TryPick(request, out BackendLease lease).ShouldBeTrue();
        lease.Complete(Outcome.Succeeded);
        return lease.Backend;
    }

    private sealed class KeyWalk(Balancer balancer)
    {
        private readonly Dictionary<BackendState, int> _indexes = balancer.Backends.Index().ToDictionary(item => item.Item, item => item.Index);
        private ulong _key;

        public int Next() => _indexes[PickBackend(balancer, PickRequest.ForKey(_key++))];
    }

    /// <summary>Notes which backends make up each pool that a picker is asked for.</summary>
    private sealed class PoolWatch : LoadBalancingPolicy
    {
        public Dictionary<int, HashSet<string>> PlacesByPool { get; } = [];

        public override string Name => "watch";

        public override PickerFactory CreateFactory(PolicyContext context) => new Factory(this, new RandomPolicy().CreateFactory(context));

        private sealed class Factory(PoolWatch owner, PickerFactory inner) : PickerFactory
        {
            public override Picker CreatePicker(BackendSet backends)
            {
                if (backends.Count > 0)
                {
                    HashSet<string> places = owner.PlacesByPool.TryGetValue(backends.Pool, out HashSet<string>? known) ? known : owner.PlacesByPool[backends.Pool] = new(StringComparer.Ordinal);
                    places.Add(string.Join(' ', backends.Select(backend => backend.Id)));
                }

                return inner.CreatePicker(backends);
            }
        }
    }
}
