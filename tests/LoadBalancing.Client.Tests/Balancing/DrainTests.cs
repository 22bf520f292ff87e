using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Balancing;

public sealed class DrainTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task DrainAsync_AttemptsRun_WaitsForTheLast()
    {
        using Balancer balancer = Build(1);
        balancer.TryPick(default, out BackendLease first).ShouldBeTrue();
        balancer.TryPick(default, out BackendLease second).ShouldBeTrue();

        Task<DrainResult> drain = balancer.DrainAsync("b0", TimeSpan.FromMinutes(1));
        _clock.Advance(TimeSpan.FromSeconds(10));
        first.Complete(Outcome.Succeeded);
        drain.IsCompleted.ShouldBeFalse();
        second.Complete(Outcome.Succeeded);

        (await drain.WaitAsync(Patience)).ShouldBe(new DrainResult(0, TimeSpan.FromSeconds(10)));
        balancer.TryPick(default, out _).ShouldBeFalse();
    }

    [Fact]
    public async Task DrainAsync_NotInTime_SaysHowManyAreLeftAndKeepsItOut()
    {
        using Balancer balancer = Build(1);
        balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();

        Task<DrainResult> drain = balancer.DrainAsync("b0", TimeSpan.FromMinutes(1));
        _clock.Advance(TimeSpan.FromMinutes(1));
        DrainResult result = await drain.WaitAsync(Patience);

        result.ShouldBe(new DrainResult(1, TimeSpan.FromMinutes(1)));
        result.IsDrained.ShouldBeFalse();
        balancer.TryPick(default, out _).ShouldBeFalse();
        lease.Complete(default);
        balancer.Restore("b0").ShouldBeTrue();
        balancer.TryPick(default, out _).ShouldBeTrue();
    }

    [Fact]
    public async Task DrainAsync_Restored_EndsAndSaysHowManyRun()
    {
        using Balancer balancer = Build(1);
        balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
        Task<DrainResult> drain = balancer.DrainAsync("b0", Timeout.InfiniteTimeSpan);

        balancer.Restore("b0");

        (await drain.WaitAsync(Patience)).InFlight.ShouldBe(1);
        lease.Complete(default);
    }

    [Fact]
    public async Task DrainAsync_ImpossibleTimeout_ThrowsAndDrainsNothing()
    {
        using Balancer balancer = Build(1);

        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => balancer.DrainAsync("b0", TimeSpan.MaxValue));

        balancer.Backends[0].Unavailability.ShouldBe(Unavailability.None);
    }

    [Fact]
    public async Task DrainAsync_Canceled_ThrowsAndKeepsItOut()
    {
        using Balancer balancer = Build(1);
        balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
        using CancellationTokenSource cancel = new();

        Task<DrainResult> drain = balancer.DrainAsync("b0", TimeSpan.FromMinutes(1), cancel.Token);
        await cancel.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => drain.WaitAsync(Patience));
        balancer.Backends[0].Unavailability.ShouldBe(Unavailability.Draining);
        lease.Complete(default);
    }

    [Fact]
    public async Task DrainAsync_UnknownBackend_NamesTheKnown()
    {
        using Balancer balancer = Build(2);

        (await Should.ThrowAsync<ArgumentException>(() => balancer.DrainAsync("b9", Patience))).Message.ShouldContain("Service 'orders' has no backend 'b9'; it has b0, b1.");
    }

    [Fact]
    public async Task Isolate_WhileItDrains_EachHasItsOwnFlag()
    {
        using Balancer balancer = Build(1);
        (await balancer.DrainAsync("b0", Patience)).IsDrained.ShouldBeTrue();
        balancer.Isolate("b0");

        balancer.Backends[0].Unavailability.ShouldBe(Unavailability.Draining | Unavailability.Isolated);
        balancer.Backends[0].SetFlag(Unavailability.ProbeFailed, true);
        balancer.Restore("b0");
        balancer.Backends[0].Unavailability.ShouldBe(Unavailability.ProbeFailed);
    }

    /// <summary>Whatever a drain reports as over is over: no attempt starts between its end and the restore.</summary>
    [Fact]
    public void DrainAsync_UnderLoad_NothingStartsOnceItIsOver()
    {
        using Balancer balancer = new BalancerBuilder("orders").AddBackends(Pools.DescribeMany(2)).Build();
        BackendState drained = balancer.Backends[0];
        bool isDrained = false;

        void Request()
        {
            balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
            (lease.Backend == drained && Volatile.Read(ref isDrained)).ShouldBeFalse();
            lease.Complete(Outcome.Succeeded);
        }

        Threads.RunDuring(
            () =>
            {
                for (int i = 0; i < 1_000; i++)
                {
                    Task<DrainResult> drain = balancer.DrainAsync("b0", Patience);
                    SpinWait.SpinUntil(() => drain.IsCompleted, Patience).ShouldBeTrue();
                    drain.Result.IsDrained.ShouldBeTrue();
                    Volatile.Write(ref isDrained, true);
                    Thread.SpinWait(50);
                    Volatile.Write(ref isDrained, false);
                    balancer.Restore("b0");
                }
            },
            Request,
            Request,
            () =>
            {
                drained.SetFlag(Unavailability.ProbeFailed, true);
                drained.SetFlag(Unavailability.ProbeFailed, false);
            });

        balancer.Backends.ShouldAllBe(backend => backend.InFlight == 0);
    }

    private Balancer Build(int count) => new BalancerBuilder("orders").AddBackends(Pools.DescribeMany(count)).UseTimeProvider(_clock).Build();
}
