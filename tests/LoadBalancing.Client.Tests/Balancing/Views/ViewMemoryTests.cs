using LoadBalancing.Client.Balancing.Views;
using LoadBalancing.Client.Load;
using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Discovery;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Balancing.Views;

/// <summary>What a policy remembers is shared with those who look through views, and not spoilt by them.</summary>
public sealed class ViewMemoryTests
{
    private const int Seed = 5;

    [Fact]
    public void RoundRobin_AllReady_TakesTurnsWithTheBalancer()
    {
        using Viewed viewed = new(new RoundRobinPolicy(), Pools.DescribeMany(4));
        viewed.SetAll(Readiness.Ready);

        int[] turns = [.. Enumerable.Range(0, 40).Select(turn => Finish(turn % 3 == 0 ? PickOfBalancer(viewed) : viewed.Pick()))];

        turns.ShouldBe(Enumerable.Range(0, 40).Select(turn => (turns[0] + turn) % 4));
    }

    /// <summary>However the two ways alternate, each of them is even: over its own backends.</summary>
    [Theory]
    [InlineData("round_robin")]
    [InlineData("weighted_round_robin")]
    public void Rotation_PartOfThePool_BothAreExact(string policy)
    {
        using Viewed viewed = new(policy == "round_robin" ? new RoundRobinPolicy() : new WeightedRoundRobinPolicy(), Pools.DescribeMany(4));
        viewed.SetAll(Readiness.Ready);
        viewed.Set(Readiness.Failed, viewed["b2"]);
        int[] ofView = new int[4];
        int[] ofBalancer = new int[4];

        for (int i = 0; i < 120; i++)
        {
            ofView[Finish(viewed.Pick())]++;
            ofBalancer[Finish(PickOfBalancer(viewed))]++;
        }

        ofView.ShouldBe([40, 40, 0, 40]);
        ofBalancer.ShouldBe([30, 30, 30, 30]);
    }

    /// <summary>A connection that comes and goes between any two picks starves nobody, and the balancer's own turns go on as if there were no views.</summary>
    [Theory]
    [InlineData("round_robin")]
    [InlineData("weighted_round_robin")]
    public void Rotation_ReadinessFlaps_TheOthersHaveTheirTurns(string policy)
    {
        double[] weights = policy == "round_robin" ? [1, 1, 1, 1, 1] : [1, Math.PI, 1, 2, Math.E];
        using Viewed viewed = new(policy == "round_robin" ? new RoundRobinPolicy() : new WeightedRoundRobinPolicy(), Pools.Describe(weights));
        viewed.SetAll(Readiness.Ready);
        int[] ofView = new int[5];
        List<int> ofBalancer = [];
        for (int i = 0; i < 3_000; i++)
        {
            viewed.Set(i % 2 == 0 ? Readiness.Failed : Readiness.Pending, viewed["b4"]);
            ofView[Finish(viewed.Pick())]++;
            viewed.Set(Readiness.Ready, viewed["b4"]);
            if (i % 7 == 0)
            {
                ofBalancer.Add(Finish(PickOfBalancer(viewed)));
            }
        }

        using Viewed alone = new(policy == "round_robin" ? new RoundRobinPolicy() : new WeightedRoundRobinPolicy(), Pools.Describe(weights));
        ofBalancer.ShouldBe([.. ofBalancer.Select(_ => Finish(PickOfBalancer(alone)))]);
        double total = weights[..4].Sum();
        for (int i = 0; i < 4; i++)
        {
            ((double)ofView[i]).ShouldBe(3_000 * weights[i] / total, 15);
        }

        ofView[4].ShouldBe(0);
    }

    [Fact]
    public void PickFirst_FollowsTheBalancersChoiceAndDoesNotMoveIt()
    {
        using Viewed viewed = new(new PickFirstPolicy(), Pools.DescribeMany(3));
        viewed["b0"].SetFlag(Unavailability.Ejected, true);
        viewed["b0"].SetFlag(Unavailability.Ejected, false);
        viewed.SetAll(Readiness.Ready);
        Finish(viewed.Pick()).ShouldBe(1, "the balancer stays with it");

        viewed.Set(Readiness.Failed, viewed["b1"]);
        Finish(viewed.Pick()).ShouldBe(0);
        viewed["b2"].SetFlag(Unavailability.Ejected, true);
        Finish(PickOfBalancer(viewed)).ShouldBe(1);

        viewed.Set(Readiness.Ready, viewed["b1"]);
        Finish(viewed.Pick()).ShouldBe(1);
    }

    [Fact]
    public void PeakEwma_WhatOneWayLearns_TheOtherKnows()
    {
        using Viewed viewed = new(new PeakEwmaPolicy { ChoiceCount = 3 }, Pools.DescribeMany(3));
        viewed.SetAll(Readiness.Ready);
        viewed.Set(Readiness.Failed, viewed["b2"]);
        for (int i = 0; i < 50; i++)
        {
            BackendLease lease = PickOfBalancer(viewed);
            lease.Complete(Outcome.Succeeded with { Latency = TimeSpan.FromSeconds(IndexOf(lease.Backend) == 0 ? 1 : 0.001) });
        }

        viewed.CountChoices(20).ShouldBe([0, 20, 0]);

        for (int i = 0; i < 20; i++)
        {
            viewed.Pick().Complete(Outcome.Succeeded with { Latency = TimeSpan.FromSeconds(5) });
        }

        Enumerable.Range(0, 20).ShouldAllBe(_ => Finish(PickOfBalancer(viewed)) == 2);
    }

    /// <summary>The log says it once per table.</summary>
    [Fact]
    public void Maglev_ReadinessChanges_NoTableIsBuilt()
    {
        RecordingLog log = new();
        using Viewed viewed = new(new MaglevPolicy { TableSize = 7 }, Pools.DescribeMany(10), builder => builder.UseLoggerFactory(log));
        int tables = CountTables(log);
        tables.ShouldBeGreaterThan(0);

        viewed.SetAll(Readiness.Ready);
        foreach (BackendState backend in viewed.Balancer.Backends)
        {
            viewed.Set(Readiness.Failed, backend);
            viewed.Pick(PickRequest.ForKey(backend.Id + "!")).Complete(Outcome.Succeeded);
            viewed.Set(Readiness.Ready, backend);
        }

        CountTables(log).ShouldBe(tables);
    }

    /// <summary>Errors are charged by what is ordinary in the pool, also after somebody has looked at a part of it and gone.</summary>
    [Fact]
    public void LeastBandwidth_SomebodyLooksAtAPart_ErrorsAreChargedByThePool()
    {
        FakeTimeProvider clock = new();
        PeriodicRefresh refresh = new(clock, TimeSpan.FromSeconds(0.1));
        Bandwidth[] bandwidths = [.. Enumerable.Range(0, 3).Select(_ => new Bandwidth(clock, TimeSpan.FromSeconds(10), refresh))];
        PoolBandwidth pool = new(bandwidths, null, clock.GetTimestamp());
        PoolMeans? means = bandwidths[0].Means;

        _ = new PoolBandwidth(bandwidths[..2], null, clock.GetTimestamp(), isWhole: false);

        bandwidths.ShouldAllBe(bandwidth => bandwidth.Means == means);
        GC.KeepAlive(pool);
    }

    /// <summary>A hundred channels that are all rebuilt over and over do not keep the balancer's own picker from being refreshed.</summary>
    [Fact]
    public void WeightedResponseTime_ManyViewers_TheBalancersPickerIsRefreshed()
    {
        FakeTimeProvider clock = new();
        using Balancer balancer = new BalancerBuilder("orders").AddBackends(Pools.DescribeMany(3)).UsePolicy(new WeightedResponseTimePolicy()).UseTimeProvider(clock).UseRandom(new Random(Seed)).Build();
        List<BalancerView> held = [];
        for (int viewer = 0; viewer < 100; viewer++)
        {
            using ViewSource views = balancer.OpenViews(() => { });
            Dictionary<BackendState, Readiness> readiness = balancer.Backends.ToDictionary(backend => backend, backend => backend.Id == "b2" ? Readiness.Failed : Readiness.Ready);
            held.AddRange(Enumerable.Range(0, 3).Select(_ => views.CreateView(readiness)));
        }

        for (int i = 0; i < 300; i++)
        {
            balancer.TryPick(default, out BackendLease lease);
            lease.Complete(Outcome.Succeeded with { Latency = TimeSpan.FromMilliseconds(IndexOf(lease.Backend) == 0 ? 900 : 1) });
            clock.Advance(TimeSpan.FromMilliseconds(10));
        }

        Shares.CountDraws(1_000, 3, () => IndexOf(Pick(balancer)))[0].ShouldBeLessThan(20);
        BalancerView last = held[^1];
        Shares.CountDraws(1_000, 3, () => last.Choose(default, out ViewChoice choice) == ViewAnswer.Chosen ? IndexOf(choice.Backend) : -1)[0].ShouldBeLessThan(20);
        GC.KeepAlive(held);
    }

    private static int CountTables(RecordingLog log) => log.Entries.Count(entry => entry.Message.Contains("table", StringComparison.Ordinal));

    private static int IndexOf(BackendState backend) => backend.Id[1] - '0';

    /// <summary>Of an attempt that is over with this.</summary>
    private static int Finish(in BackendLease lease)
    {
        lease.Complete(default);
        return IndexOf(lease.Backend);
    }

    private static BackendState Pick(Balancer balancer)
    {
        balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
        lease.Complete(default);
        return lease.Backend;
    }

    private static BackendLease PickOfBalancer(Viewed viewed)
    {
        viewed.Balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
        return lease;
    }
}
