using LoadBalancing.Client.Balancing.Views;
using LoadBalancing.Client.Tests.Fixtures;
using LoadBalancing.Client.Tests.Policies;

namespace LoadBalancing.Client.Tests.Balancing.Views;

/// <summary>Views under threads.</summary>
public sealed class ViewStressTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Two owners whose connections flap, health that flaps, lists that come in, and picks both ways: nobody is chosen who is not reached, every attempt is counted out, and the balancer's own picks go on.</summary>
    [Theory]
    [MemberData(nameof(PolicyCases.Names), MemberType = typeof(PolicyCases))]
    public void Choose_ReadinessFlipsDuringChanges_NeverLeavesTheReadySet(string policy)
    {
        Backend[] all = [.. Pools.DescribeMany(6).Select((backend, index) => backend with { Priority = index / 3 })];
        using Balancer balancer = new BalancerBuilder("orders").AddBackends(all).UsePolicy(PolicyCases.Create(policy)).Build();
        using ViewSource one = balancer.OpenViews(() => { });
        using ViewSource other = balancer.OpenViews(() => { });
        BackendState[] states = [.. balancer.Start().Backends];
        Looked[] latest = [Look(one, states), Look(other, states)];
        int picks = 0;

        void Use(int owner)
        {
            (BalancerView view, IReadOnlySet<BackendState> ready) = Volatile.Read(ref latest[owner]);
            PickRequest request = new() { Hash = XxHash64.Remix((ulong)Interlocked.Increment(ref picks)) };
            if (view.Choose(request, out ViewChoice choice) != ViewAnswer.Chosen)
            {
                return;
            }

            ready.ShouldContain(choice.Backend);
            BackendLease lease = balancer.TryAcquire(choice, out BackendLease admitted, out _) ? admitted : balancer.Acquire(choice);
            lease.Complete(Outcome.Succeeded);
        }

        Threads.RunDuring(
            () =>
            {
                Random random = new(7);
                for (int i = 0; i < 300; i++)
                {
                    HashSet<BackendState> ready = [.. states.Where(_ => random.Next(2) == 0)];
                    Volatile.Write(ref latest[i % 2], Look(i % 2 == 0 ? one : other, ready));
                    if (i % 50 == 0)
                    {
                        balancer.Apply(OptionsWith(balancer.Options.Policy, all.Select(backend => backend with { Weight = 1 + (i % 3) })));
                    }
                }
            },
            () => Use(0),
            () => Use(1),
            () =>
            {
                balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
                lease.Complete(Outcome.Succeeded);
            },
            () =>
            {
                states[1].SetFlag(Unavailability.Ejected, true);
                states[1].SetFlag(Unavailability.Ejected, false);
            });

        balancer.Backends.ShouldAllBe(backend => backend.InFlight == 0);

        // What was changed while somebody built a view is published by another thread, a little later.
        SpinWait.SpinUntil(() => Look(one, states).View.Backends.Eligible.Length == 6, Patience).ShouldBeTrue();
    }

    /// <summary>Whatever comes together, after the last change the owner is told once more: the view it makes then is up to date.</summary>
    [Fact]
    public async Task Tell_ManyThreadsChangeThings_TheLastChangeIsHeard()
    {
        for (int round = 0; round < 50; round++)
        {
            using Balancer balancer = new BalancerBuilder("orders").AddBackends(Pools.DescribeMany(4)).Build();
            BackendState[] states = [.. balancer.Start().Backends];
            using SemaphoreSlim told = new(0);
            BalancerView? view = null;
            ViewSource? source = null;
            int isTelling = 0;
            int overlaps = 0;
            using ViewSource views = source = balancer.OpenViews(() =>
            {
                overlaps += Interlocked.Increment(ref isTelling) - 1;
                Volatile.Write(ref view, Volatile.Read(ref source)!.CreateView(new AllReady()));
                Interlocked.Decrement(ref isTelling);
                told.Release();
            });

            Threads.Run([.. Enumerable.Range(0, 3).Select(thread => (Action)(() =>
            {
                for (int i = 0; i < 100; i++)
                {
                    states[thread].SetFlag(Unavailability.Ejected, i % 2 == 0);
                }

                states[thread].SetFlag(Unavailability.Ejected, (round + thread) % 2 == 0);
            }))]);

            while (Volatile.Read(ref view) is not { IsOutdated: false })
            {
                (await told.WaitAsync(Patience)).ShouldBeTrue();
            }

            view!.Backends.Eligible.ToArray().ShouldBe(balancer.Backends.Eligible.ToArray());
            overlaps.ShouldBe(0);
        }
    }

    private static BalancerOptions OptionsWith(LoadBalancingPolicy policy, IEnumerable<Backend> backends)
    {
        BalancerOptions options = new() { Policy = policy };
        foreach (Backend backend in backends)
        {
            options.Backends.Add(backend);
        }

        return options;
    }

    private static Looked Look(ViewSource views, IEnumerable<BackendState> ready)
    {
        HashSet<BackendState> set = [.. ready];
        return new Looked(views.CreateView(set.ToDictionary(backend => backend, _ => Readiness.Ready)), set);
    }

    private sealed record Looked(BalancerView View, IReadOnlySet<BackendState> Ready);
}
