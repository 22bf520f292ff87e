using System.Collections.Concurrent;
using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Policies.Consistent;

/// <summary>Bounded loads: a backend accepts while in-flight &lt; ceil(c × (total + 1) × share).</summary>
public sealed class BoundedLoadTests
{
    private const double Factor = 1.25;

    public static TheoryData<string> Policies => ["ring_hash", "maglev"];

    [Theory]
    [MemberData(nameof(Policies))]
    public void TryPick_OneHotKey_NeverExceedsTheFormula(string policy)
    {
        foreach (double[] weights in (double[][])[[1, 1, 1, 1, 1, 1, 1, 1, 1, 1], [1, 2, 3, 4], [0.1, 7, 1, 1, 1]])
        {
            using Balancer balancer = Build(policy, Pools.Describe(weights));
            PickRequest hot = PickRequest.ForKey("hot");
            int total = 0;
            for (int i = 0; i < 2_000; i++)
            {
                balancer.TryPick(hot, out BackendLease lease).ShouldBeTrue();
                ((double)lease.Backend.InFlight).ShouldBeLessThanOrEqualTo(LimitOf(lease.Backend, total, weights.Sum()));
                total++;
            }
        }
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void TryPick_SomeIneligible_SharesAreThoseOfTheOthers(string policy)
    {
        using Balancer balancer = Build(policy, Pools.Describe(1, 1, 1, 1));
        balancer.GetBackends(0UL, 0).ShouldBeEmpty();
        balancer.Isolate("b3").ShouldBeTrue();

        List<BackendLease> leases = [];
        for (int i = 0; i < 300; i++)
        {
            balancer.TryPick(PickRequest.ForKey("hot"), out BackendLease lease).ShouldBeTrue();
            leases.Add(lease);
        }

        // Of three: ceil(1.25 × 300 / 3) = 125 at most, and what the first two cannot take is left to the third.
        leases.GroupBy(lease => lease.Backend.Id, StringComparer.Ordinal).Select(group => group.Count()).Order().ShouldBe([50, 125, 125]);
        leases.ForEach(lease => lease.Complete(default));
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void TryPick_BelowItsBound_StaysWithItsBackend(string policy)
    {
        using Balancer balancer = Build(policy, Pools.DescribeMany(10));
        PickRequest key = PickRequest.ForKey("user-17");
        for (int i = 0; i < 100; i++)
        {
            balancer.TryPick(key, out BackendLease lease).ShouldBeTrue();
            lease.Backend.ShouldBe(balancer.GetBackends(key, 1)[0]);
            lease.Complete(Outcome.Succeeded);
        }
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void TryPick_WithoutHash_KeepsTheBoundToo(string policy)
    {
        using Balancer balancer = Build(policy, Pools.DescribeMany(10));
        for (int total = 0; total < 2_000; total++)
        {
            balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
            ((double)lease.Backend.InFlight).ShouldBeLessThanOrEqualTo(LimitOf(lease.Backend, total, 10));
        }
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void TryPick_UnderThreads_ExceedsItByAtMostOnePerConcurrentPick(string policy)
    {
        using Balancer balancer = Build(policy, Pools.DescribeMany(10));
        PickRequest hot = PickRequest.ForKey("hot");
        int concurrent = Threads.Count;
        int total = 0;

        // Nothing completes (a lease that nobody holds would), so the total seen after a pick is not below the one it was judged by.
        ConcurrentBag<BackendLease> held = [];
        Threads.RunOnAll(_ =>
        {
            for (int i = 0; i < 5_000; i++)
            {
                balancer.TryPick(hot, out BackendLease lease).ShouldBeTrue();
                held.Add(lease);
                int inFlight = lease.Backend.InFlight;
                int seen = Interlocked.Increment(ref total) + concurrent;
                ((double)inFlight).ShouldBeLessThanOrEqualTo(LimitOf(lease.Backend, seen, 10) + concurrent);
            }
        });

        balancer.Backends.ShouldAllBe(backend => backend.InFlight <= LimitOf(backend, total, 10) + concurrent);
        balancer.Backends.Sum(backend => backend.InFlight).ShouldBe(total);
        held.Count.ShouldBe(total);
        GC.KeepAlive(held);
    }

    [Fact]
    public void Lease_WhileBackendsChangePoolsUnderThreads_LeavesEveryTotalAtZero()
    {
        MaglevPolicy policy = new() { BoundedLoadFactor = Factor };
        Backend[] backends = [.. Pools.DescribeMany(6).Select((backend, index) => backend with { Priority = index % 2 })];
        Backend[] swapped = [.. backends.Select(backend => backend with { Priority = 1 - backend.Priority })];
        using Balancer balancer = new BalancerBuilder("orders").AddBackends(backends).UsePolicy(policy).Build();
        Threads.RunDuring(
            () =>
            {
                for (int i = 0; i < 500; i++)
                {
                    balancer.Apply(OptionsWith(policy, i % 2 == 0 ? swapped : backends));
                }
            },
            () => PickAndComplete(balancer, 17),
            () => PickAndComplete(balancer, 4711));

        balancer.Backends.Select(backend => backend.PoolInFlight!.Read()).ShouldAllBe(total => total == 0);
        balancer.Backends.ShouldAllBe(backend => backend.InFlight == 0);

        static void PickAndComplete(Balancer balancer, ulong key)
        {
            balancer.TryPick(PickRequest.ForKey(key), out BackendLease first).ShouldBeTrue();
            balancer.TryPick(default, out BackendLease second).ShouldBeTrue();
            first.Complete(Outcome.Succeeded);
            second.Complete(Outcome.Succeeded);
        }
    }

    [Fact]
    public void Lease_BackendMovedToAnotherPoolMeanwhile_IsCountedOutWhereItWasCountedIn()
    {
        Backend[] backends = Pools.DescribeMany(2);
        using Balancer balancer = Build("maglev", backends);
        balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
        InFlightTotal before = lease.Backend.PoolInFlight.ShouldNotBeNull();

        balancer.Apply(OptionsWith(new MaglevPolicy { BoundedLoadFactor = 2 }, backends));
        InFlightTotal after = lease.Backend.PoolInFlight.ShouldNotBeNull();
        lease.Complete(default);
        lease.Complete(default);

        after.ShouldNotBeSameAs(before);
        (before.Read(), after.Read()).ShouldBe((0, 0));
    }

    [Fact]
    public void Apply_PolicyWithoutBounds_StopsCounting()
    {
        Backend[] backends = Pools.DescribeMany(2);
        using Balancer balancer = Build("maglev", backends);

        balancer.Apply(OptionsWith(new MaglevPolicy { BoundedLoadFactor = 0 }, backends));

        balancer.Backends.ShouldAllBe(backend => backend.PoolInFlight == null);
    }

    [Theory]
    [InlineData(0.99)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void BoundedLoadFactor_OutOfRange_IsRefused(double factor)
    {
        Should.Throw<ArgumentOutOfRangeException>(() => new MaglevPolicy { BoundedLoadFactor = factor }).ParamName.ShouldBe("BoundedLoadFactor");
        Should.Throw<ArgumentOutOfRangeException>(() => new RingHashPolicy { BoundedLoadFactor = factor });
    }

    [Fact]
    public void Options_OutOfRange_AreRefused()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => new MaglevPolicy { TableSize = 65_536 }).Message.ShouldContain("must be a prime");
        Should.Throw<ArgumentOutOfRangeException>(() => new RingHashPolicy { MinRingSize = 0 });
        Should.Throw<ArgumentOutOfRangeException>(() => new RingHashPolicy { MaxRingSize = 8_388_609 });
        Should.Throw<ArgumentException>(() => new RingHashPolicy { MinRingSize = 20, MaxRingSize = 10 }.CreateFactory(new Random(1))).Message.ShouldContain("MinRingSize = 20");
    }

    private static double LimitOf(BackendState backend, int total, double weights) => Math.Ceiling(Factor * (total + 1) * (backend.Description.Weight / weights));

    private static BalancerOptions OptionsWith(LoadBalancingPolicy policy, Backend[] backends)
    {
        BalancerOptions options = new() { Policy = policy };
        Array.ForEach(backends, options.Backends.Add);
        return options;
    }

    private static Balancer Build(string policy, Backend[] backends) => new BalancerBuilder("orders")
        .AddBackends(backends)
        .UsePolicy(policy == "maglev" ? new MaglevPolicy { BoundedLoadFactor = Factor } : new RingHashPolicy { BoundedLoadFactor = Factor })
        .Build();
}
