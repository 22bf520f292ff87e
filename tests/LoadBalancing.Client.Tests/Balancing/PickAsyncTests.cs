using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Discovery;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Balancing;

/// <summary>See <see cref="BalancerDiscoveryTests"/> for what sources answer.</summary>
public sealed class PickAsyncTests
{
    [Fact]
    public async Task PickAsync_CanceledBefore_ThrowsOnlyIfItWouldWait()
    {
        CancellationToken canceled = new(canceled: true);
        await using Balancer known = new BalancerBuilder("orders").AddBackends(Pools.DescribeMany(1)).Build();
        await using Balancer unknown = new BalancerBuilder("orders").AddSource(new ManualSource()).Build();

        (await known.PickAsync(default, canceled)).Complete(default);
        await Should.ThrowAsync<OperationCanceledException>(() => unknown.PickAsync(default, canceled).Soon());
    }

    [Fact]
    public async Task PickAsync_CanceledWhileItWaits_ThrowsAndLeavesTheOthersWaiting()
    {
        ManualSource source = new();
        await using Balancer balancer = new BalancerBuilder("orders").AddSource(source).UseTimeProvider(new FakeTimeProvider()).Build();
        using CancellationTokenSource cancel = new();
        Task<BackendLease> canceled = balancer.PickAsync(default, cancel.Token).AsTask();
        Task<BackendLease> waiting = balancer.PickAsync(default).AsTask();

        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => canceled.Soon());
        await source.PublishAsync(Pools.Describe(0));

        (await waiting.Soon()).Backend.Id.ShouldBe("b0");
    }

    [Fact]
    public async Task PickAsync_NoneEligible_SaysWhyForEach()
    {
        await using Balancer balancer = new BalancerBuilder("orders").AddBackends(Pools.Describe(0), Pools.Describe(1, weight: 0), Pools.Describe(2) with { MaxConcurrency = 1 }).Build();
        balancer.Isolate("b0");
        balancer.Backends[2].Occupy(1);

        NoBackendAvailableException exception = await Should.ThrowAsync<NoBackendAvailableException>(() => balancer.PickAsync(default).Soon());

        exception.Message.ShouldContain("orders: least_request");
        exception.Message.ShouldContain("out: isolated");
        exception.Message.ShouldContain("weight 0");
        exception.Message.ShouldContain("at its cap of 1 in flight");
        exception.Explanation.ShouldNotBeNull().Backends.Count.ShouldBe(3);
    }

    /// <summary>The first answer may come at any moment of the first pick.</summary>
    [Fact]
    public async Task PickAsync_RacingTheFirstAnswer_AlwaysFindsABackend()
    {
        for (int i = 0; i < 500; i++)
        {
            ManualSource source = new();
            await using Balancer balancer = new BalancerBuilder("orders").AddSource(source).Build();
            Task published = Task.Run(() => source.PublishAsync(Pools.Describe(0)));

            (await balancer.PickAsync(default).Soon()).Complete(Outcome.Succeeded);

            await published.Soon();
        }
    }
}
