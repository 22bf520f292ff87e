using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Policies;

/// <summary>What holds for every policy under threads.</summary>
public sealed class PolicyStressTests
{
    [Theory]
    [MemberData(nameof(PolicyCases.Names), MemberType = typeof(PolicyCases))]
    public void Lease_AMillionOnAllCores_LeavesNothingInFlight(string policy)
    {
        using Balancer balancer = new BalancerBuilder("orders").AddBackends(Pools.DescribeMany(10)).UsePolicy(PolicyCases.Create(policy)).Build();
        int each = 1_000_000 / Threads.Count;

        Threads.RunOnAll(_ =>
        {
            Span<BackendLease> held = new BackendLease[8];
            for (int i = 0; i < each; i++)
            {
                ref BackendLease lease = ref held[i % held.Length];
                lease.Complete(Outcome.Succeeded);
                balancer.TryPick(RequestOf(i, i % 3 == 1 ? balancer.Backends[i % 10] : null), out lease).ShouldBeTrue();
                if (i % 3 == 0)
                {
                    lease.Responded(Outcome.Failed);
                }
            }

            foreach (BackendLease lease in held)
            {
                lease.Complete(Outcome.Canceled);
            }
        });

        balancer.Backends.ShouldAllBe(backend => backend.InFlight == 0);
    }

    [Theory]
    [MemberData(nameof(PolicyCases.Names), MemberType = typeof(PolicyCases))]
    public void TryPick_WhileTheSetChanges_NeverPicksWhatWasRemovedBefore(string policy)
    {
        Reconciled balancer = new(PolicyCases.Create(policy));
        Backend[] all = [.. Pools.DescribeMany(8).Select((backend, index) => backend with { Weight = 1 + (index % 3) })];
        balancer.Update(all);

        // Every list holds the first two. What a list leaves out is published as gone before the next one comes.
        BackendState[] gone = [];
        int picks = 0;
        Threads.RunDuring(
            () =>
            {
                Random random = new(43);
                for (int i = 0; i < 1_000; i++)
                {
                    Backend[] some = [.. all.Where((_, index) => index < 2 || random.Next(2) == 0)];
                    BackendState[] before = [.. balancer.Current.Backends];
                    Volatile.Write(ref gone, []);
                    balancer.Update(some);
                    Volatile.Write(ref gone, [.. before.Where(state => !balancer.Current.Backends.Contains(state))]);
                }

                Volatile.Write(ref gone, []);
            },
            [.. Enumerable.Repeat<Action>(() =>
            {
                BackendState[] goneBefore = Volatile.Read(ref gone);
                BackendState? picked = balancer.Pick(RequestOf(Interlocked.Increment(ref picks)));
                BackendState[] goneAfter = Volatile.Read(ref gone);
                picked.ShouldNotBeNull();
                (ReferenceEquals(goneBefore, goneAfter) && goneBefore.Contains(picked)).ShouldBeFalse();
                picked.Release();
            }, 3)]);
    }

    [Theory]
    [MemberData(nameof(PolicyCases.Names), MemberType = typeof(PolicyCases))]
    public void TryPick_Caps_AreNeverExceededAndNeverFailOpen(string policy)
    {
        Backend[] backends = [.. Pools.DescribeMany(3).Select((backend, index) => backend with { MaxConcurrency = index + 1 })];
        using Balancer balancer = new BalancerBuilder("orders").AddBackends(backends).UsePolicy(PolicyCases.Create(policy)).Build();
        int[] held = new int[3];

        Threads.RunOnAll(_ =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                if (!balancer.TryPick(RequestOf(i, i % 5 == 1 ? balancer.Backends[i % 3] : null), out BackendLease lease))
                {
                    continue;
                }

                int index = balancer.Backends.Index().First(item => item.Item == lease.Backend).Index;
                Interlocked.Increment(ref held[index]).ShouldBeLessThanOrEqualTo(index + 1);
                if (i % 8 == 0)
                {
                    Thread.Yield();
                }

                Interlocked.Decrement(ref held[index]);
                lease.Complete(Outcome.Succeeded);
            }
        });

        balancer.Backends.ShouldAllBe(backend => backend.InFlight == 0);
        BackendLease[] leases = new BackendLease[6];
        for (int i = 0; i < leases.Length; i++)
        {
            balancer.TryPick(RequestOf(i), out leases[i]).ShouldBeTrue();
        }

        balancer.TryPick(default, out BackendLease none).ShouldBeFalse();
        balancer.TryPick(Pools.Without(balancer.Backends[2]), out none).ShouldBeFalse();
        leases[3].Complete(Outcome.Failed);
        balancer.TryPick(default, out BackendLease freed).ShouldBeTrue();
        freed.Backend.ShouldBe(leases[3].Backend);
    }

    /// <summary>A request with a hash of its own, so that the hash policies look it up, and perhaps with an exclusion.</summary>
    private static PickRequest RequestOf(int number, BackendState? excluded = null) =>
        new() { Hash = XxHash64.Remix((ulong)number), Excluded = excluded is null ? default : default(BackendExclusions).With(excluded) };
}
