using System.Runtime.CompilerServices;
using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Balancing;

public sealed class LeaseTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly ObservingPolicy _policy = new();
    private readonly Balancer _balancer;

    public LeaseTests() => _balancer = new BalancerBuilder("orders").AddBackends(Pools.DescribeMany(1)).UsePolicy(_policy).UseTimeProvider(_clock).Build();

    private BackendState Backend => _balancer.Backends[0];

    public void Dispose() => _balancer.Dispose();

    [Fact]
    public void Complete_AfterResponded_ReportsThePhasesOneByOne()
    {
        BackendLease lease = Pick();
        _clock.Advance(TimeSpan.FromMilliseconds(30));
        lease.Responded(Outcome.Succeeded);
        Backend.InFlight.ShouldBe(1);
        _clock.Advance(TimeSpan.FromMilliseconds(70));
        lease.Complete(Outcome.Failed with { Bytes = 512, ErrorType = "reset" });

        _policy.Reports.ShouldBe(
        [
            new("b0", AttemptPhases.Response, Outcome.Succeeded, TimeSpan.FromMilliseconds(30), InFlight: 1),
            new("b0", AttemptPhases.Completion, Outcome.Failed with { Bytes = 512, ErrorType = "reset" }, TimeSpan.FromMilliseconds(100), InFlight: 1),
        ]);
        Backend.InFlight.ShouldBe(0);
    }

    [Fact]
    public void Complete_Alone_ReportsBothPhasesAtOnce()
    {
        BackendLease lease = Pick();
        _clock.Advance(TimeSpan.FromMilliseconds(30));

        lease.Complete(Outcome.ConnectFailed);

        _policy.Reports.ShouldHaveSingleItem().ShouldBe(
            new("b0", AttemptPhases.Response | AttemptPhases.Completion, Outcome.ConnectFailed, TimeSpan.FromMilliseconds(30), InFlight: 1));
    }

    [Fact]
    public void Responded_WithALatencyOfItsOwn_ReportsThatOne()
    {
        BackendLease lease = Pick();
        _clock.Advance(TimeSpan.FromSeconds(1));

        lease.Responded(Outcome.Succeeded with { Latency = TimeSpan.FromMilliseconds(5) });

        _policy.Reports.ShouldHaveSingleItem().Latency.ShouldBe(TimeSpan.FromMilliseconds(5));
        lease.Complete(default);
    }

    [Fact]
    public void Responded_Twice_CountsOnce()
    {
        BackendLease lease = Pick();

        lease.Responded(Outcome.Succeeded);
        lease.Responded(Outcome.Failed);
        lease.Complete(default);
        lease.Responded(Outcome.Failed);

        _policy.Reports.Select(report => report.Outcome).ShouldBe([Outcome.Succeeded, default]);
    }

    [Fact]
    public void Complete_TwiceThroughCopies_CountsOnce()
    {
        BackendLease lease = Pick();
        BackendLease copy = lease;

        lease.Complete(Outcome.Succeeded);
        copy.Complete(Outcome.Failed);
        copy.Responded(Outcome.Failed);

        _policy.Reports.ShouldHaveSingleItem();
        Backend.InFlight.ShouldBe(0);
    }

    [Fact]
    public void Complete_LateWhenTheAttemptIsUsedAgain_DoesNotTouchTheNext()
    {
        BackendLease late = Pick();
        late.Complete(Outcome.Succeeded);

        // Pooled: sooner or later one of these is the same object.
        BackendLease[] next = [.. Enumerable.Range(0, 200).Select(_ => Pick())];
        late.Complete(Outcome.Failed);
        late.Responded(Outcome.Failed);

        Backend.InFlight.ShouldBe(200);
        _policy.Reports.ShouldHaveSingleItem();
        Array.ForEach(next, lease => lease.Complete(default));
        Backend.InFlight.ShouldBe(0);
    }

    [Fact]
    public void Complete_RacingOnManyThreads_CountsOnce()
    {
        const int Rounds = 10_000;
        BackendLease lease = default;
        using Barrier round = new(3, barrier =>
        {
            Backend.InFlight.ShouldBe(0);
            if (barrier.CurrentPhaseNumber < Rounds)
            {
                lease = Pick();
            }
        });

        void Race(Action report)
        {
            for (int i = 0; i <= Rounds; i++)
            {
                report();
                round.SignalAndWait();
            }
        }

        Threads.Run(
            () => Race(() => lease.Complete(Outcome.Succeeded)),
            () => Race(() => lease.Complete(Outcome.Failed)),
            () => Race(() =>
            {
                lease.Responded(Outcome.Canceled);
                lease.Complete(Outcome.Canceled);
            }));

        _policy.Reports.Count(report => report.Phases.HasFlag(AttemptPhases.Completion)).ShouldBe(Rounds);
        _policy.Reports.Count(report => report.Phases.HasFlag(AttemptPhases.Response)).ShouldBe(Rounds);
    }

    [Fact]
    public void Default_AnyReport_DoesNothing()
    {
        BackendLease lease = default;

        lease.Responded(Outcome.Succeeded);
        lease.Complete(Outcome.Failed);

        lease.Reasons.ShouldBe(PickReasons.None);
        Should.Throw<InvalidOperationException>(() => lease.Backend).Message.ShouldContain("nothing was picked");
    }

    [Fact]
    public async Task Lost_FreshOrPooled_CompletesItselfWhenCollected()
    {
        for (int i = 0; i < 5; i++)
        {
            Pick().Complete(default);
            Lose(3);
            await CollectUntilAsync(() => Backend.InFlight == 0);
        }

        _policy.Reports.Count(report => report.Phases == (AttemptPhases.Response | AttemptPhases.Completion) && report.Outcome == default).ShouldBe(20);
    }

    [Fact]
    public async Task Lost_AfterItsResponse_CompletesItselfWhenCollected()
    {
        LoseAfterResponse();

        await CollectUntilAsync(() => Backend.InFlight == 0);

        _policy.Reports.Select(report => report.Phases).ShouldBe([AttemptPhases.Response, AttemptPhases.Completion]);
    }

    /// <summary>A server that picks on one thread and completes on another must not make new attempts for ever.</summary>
    [Fact]
    public void Complete_OnAnotherThreadThanThePick_StopsAllocating()
    {
        using Balancer balancer = new BalancerBuilder("orders").AddBackends(Pools.DescribeMany(1)).Build();
        BackendLease[] leases = new BackendLease[100];
        using Barrier turn = new(2);
        const int Rounds = 200;
        long allocated = long.MaxValue;

        Threads.Run(
            () =>
            {
                for (int i = 0; i < Rounds; i++)
                {
                    long before = GC.GetAllocatedBytesForCurrentThread();
                    foreach (ref BackendLease lease in leases.AsSpan())
                    {
                        balancer.TryPick(default, out lease);
                    }

                    // The least of all rounds: the pool is the process's, and other tests take from it now and then.
                    allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
                    turn.SignalAndWait();
                    turn.SignalAndWait();
                }
            },
            () =>
            {
                for (int i = 0; i < Rounds; i++)
                {
                    turn.SignalAndWait();
                    foreach (BackendLease lease in leases)
                    {
                        lease.Complete(Outcome.Succeeded);
                    }

                    turn.SignalAndWait();
                }
            });

        allocated.ShouldBe(0);
    }

    [Fact]
    public async Task Dispose_WithAttemptsInThePool_ReleasesTheBalancer()
    {
        WeakReference balancer = UseAndDispose();

        await CollectUntilAsync(() => !balancer.IsAlive);
    }

    [Fact]
    public void Dispose_WhileAttemptsRun_TheyCanStillComplete()
    {
        BackendLease lease = Pick();

        _balancer.Dispose();
        lease.Responded(Outcome.Succeeded);
        lease.Complete(Outcome.ConnectFailed);

        lease.Backend.InFlight.ShouldBe(0);
        Should.Throw<ObjectDisposedException>(() => _balancer.TryPick(default, out _));
        _balancer.Dispose();
    }

    private static async Task CollectUntilAsync(Func<bool> condition)
    {
        for (int i = 0; i < 200 && !condition(); i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();

            // What a finalizer queues runs on the pool.
            await Task.Yield();
        }

        condition().ShouldBeTrue();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference UseAndDispose()
    {
        Balancer balancer = new BalancerBuilder("orders").AddBackends(Pools.DescribeMany(3)).Build();
        BackendLease[] leases = new BackendLease[200];
        for (int i = 0; i < leases.Length; i++)
        {
            balancer.TryPick(default, out leases[i]).ShouldBeTrue();
        }

        Array.ForEach(leases, lease => lease.Complete(Outcome.Succeeded));
        balancer.Dispose();
        return new WeakReference(balancer);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Lose(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _ = Pick();
        }

        Backend.InFlight.ShouldBe(count);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void LoseAfterResponse() => Pick().Responded(Outcome.Succeeded);

    private BackendLease Pick()
    {
        _balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
        return lease;
    }
}
