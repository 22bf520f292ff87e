using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Policies.Consistent;

/// <summary>The backends of a key, in order, and exclusions, which walk the same way.</summary>
public sealed class ReplicaTests
{
    [Theory]
    [MemberData(nameof(HashPools.Names), MemberType = typeof(HashPools))]
    public void GetBackends_AnyHash_IsWhatRepeatedExclusionGives(string policy)
    {
        BackendState[] all = HashPools.States(Pools.Describe([.. Enumerable.Range(0, 40).Select(index => 1.0 + (index % 3))]));
        HashPicker picker = (HashPicker)HashPools.CreateFactory(policy).CreatePicker(HashPools.SetOf(all, all.Where((_, index) => index % 4 == 1)));
        for (int key = 0; key < 300; key++)
        {
            ulong hash = HashPools.HashOf(key);
            IReadOnlyList<BackendState> backends = picker.GetBackends(hash, 50);

            BackendExclusions excluded = default;
            foreach (BackendState backend in backends)
            {
                picker.Pick(new PickRequest { Hash = hash, Excluded = excluded }).ShouldBe(backend);
                excluded = excluded.With(backend);
            }

            backends.Count.ShouldBe(30);
            backends.Distinct().Count().ShouldBe(30);
            picker.GetBackends(hash, 3).ShouldBe(backends.Take(3));
        }
    }

    [Theory]
    [MemberData(nameof(HashPools.Names), MemberType = typeof(HashPools))]
    public void GetBackends_OfABalancer_IsWhatItPicks(string policy)
    {
        using Balancer balancer = Build(policy, Pools.DescribeMany(5));
        PickRequest request = PickRequest.ForKey("user-17");

        IReadOnlyList<BackendState> backends = balancer.GetBackends(request, 2);

        backends.Count.ShouldBe(2);
        balancer.GetBackends(request.Hash!.Value, 2).ShouldBe(backends);
        PickAndComplete(balancer, request).Backend.ShouldBe(backends[0]);
        BackendLease again = PickAndComplete(balancer, request with { Excluded = Pools.Exclude(backends[0]) });
        again.Backend.ShouldBe(backends[1]);
        again.Reasons.ShouldBe(PickReasons.None);
        balancer.GetBackends(request, 0).ShouldBeEmpty();
        Should.Throw<ArgumentOutOfRangeException>(() => balancer.GetBackends(request, -1));
        Should.Throw<ArgumentException>(() => balancer.GetBackends(default(PickRequest), 1));
    }

    [Theory]
    [MemberData(nameof(HashPools.Names), MemberType = typeof(HashPools))]
    public void GetBackends_TwoTiers_ComeFromTheTierThatServesTheKey(string policy)
    {
        Backend[] backends = [.. Pools.DescribeMany(12).Select((backend, index) => backend with { Priority = index % 2 })];
        using Balancer balancer = Build(policy, backends);
        balancer.GetBackends(0UL, 1).ShouldNotBeEmpty();
        foreach (int sick in (int[])[0, 2, 4])
        {
            balancer.Backends[sick].SetFlag(Unavailability.ProbeFailed, true);
        }

        HashSet<int> tiers = [];
        for (int key = 0; key < 500; key++)
        {
            PickRequest request = PickRequest.ForKey((ulong)key);
            IReadOnlyList<BackendState> replicas = balancer.GetBackends(request, 3);
            replicas[0].ShouldBe(PickAndComplete(balancer, request).Backend);
            tiers.Add(replicas.Select(replica => replica.Description.Priority).Distinct().ShouldHaveSingleItem());
        }

        tiers.Count.ShouldBe(2);
    }

    [Fact]
    public void GetBackends_PolicyWithoutHash_SaysSo()
    {
        using Balancer balancer = new BalancerBuilder("orders").AddBackends("http://10.0.0.1").UsePolicy(new RandomPolicy()).Build();

        Should.Throw<InvalidOperationException>(() => balancer.GetBackends(1UL, 1)).Message.ShouldContain("'random' does not choose by hash");
    }

    [Fact]
    public void Pick_ManySlotsInARowIneligible_FallsBackToARemixOfTheHash()
    {
        // With one eligible of many, nearly every walk of 32 slots finds nobody.
        BackendState[] all = HashPools.States(Pools.DescribeMany(2_000));
        BackendState[] eligible = [all[7], all[1_900], all[42]];
        Picker picker = new MaglevPolicy().CreateFactory(new Random(1)).CreatePicker(HashPools.SetOf(all, all.Except(eligible)));

        int[] counts = [.. eligible.Select(backend => HashPools.OwnersOf(picker, 30_000).Count(owner => owner == backend))];

        counts.ShouldAllBe(count => count > 9_000);
    }

    [Theory]
    [MemberData(nameof(HashPools.Names), MemberType = typeof(HashPools))]
    public void TryPick_WithoutHash_IsMarkedAndSaidOnce(string policy)
    {
        Discovery.RecordingLog log = new();
        using Balancer balancer = new BalancerBuilder("orders").AddBackends(Pools.DescribeMany(3)).UsePolicy(HashPools.Create(policy)).UseLoggerFactory(log).Build();

        PickAndComplete(balancer, new PickRequest { Hash = 1 }).Reasons.ShouldBe(PickReasons.None);
        PickAndComplete(balancer, default).Reasons.ShouldBe(PickReasons.NoHash);
        PickAndComplete(balancer, default).Reasons.ShouldBe(PickReasons.NoHash);

        string said = log.Of("HashMissing").ShouldHaveSingleItem();
        string[] ways = ["asked without a hash", "HashOn", "SetHashKey", "ip_hash", "SetClientAddress", "client-address:x-forwarded-for", "PickRequest.Hash"];
        ways.ShouldAllBe(way => said.Contains(way, StringComparison.Ordinal));
    }

    [Fact]
    public void CreatePicker_MoreBackendsThanSlots_SaysSo()
    {
        Discovery.RecordingLog log = new();
        using Balancer balancer = new BalancerBuilder("orders").AddBackends(Pools.DescribeMany(8)).UsePolicy(new MaglevPolicy { TableSize = 7 }).UseLoggerFactory(log).Build();

        PickAndComplete(balancer, new PickRequest { Hash = 1 });

        log.Of("TableTooSmall").ShouldHaveSingleItem().ShouldContain("cannot serve 8 backends, only 7; 1 of them own no keys");
    }

    private static Balancer Build(string policy, Backend[] backends) => new BalancerBuilder("orders").AddBackends(backends).UsePolicy(HashPools.Create(policy)).Build();

    private static BackendLease PickAndComplete(Balancer balancer, PickRequest request)
    {
        balancer.TryPick(request, out BackendLease lease).ShouldBeTrue();
        lease.Complete(Outcome.Succeeded);
        return lease;
    }
}
