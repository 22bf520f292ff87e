using Grpc.Core;
using Grpc.Net.Client;
using LoadBalancing.Client.Grpc.Tests.Servers;
using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Discovery;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Grpc.Tests.Channels;

/// <summary>The states of a channel, and what they mean to calls, as gRPC specifies it.</summary>
public sealed class ReadinessTests
{
    private static readonly CallOptions WaitsForReady = new CallOptions().WithWaitForReady();

    [Fact]
    public async Task Channel_Idle_ConnectsWithItsFirstCall()
    {
        await using EchoPool pool = await EchoPool.StartAsync(1);
        GrpcChannel channel = pool.CreateChannel();
        channel.State.ShouldBe(ConnectivityState.Idle);
        pool.Servers[0].Loopback.OpenConnections.ShouldBe(0);

        await new Echo.EchoClient(channel).UnaryAsync(new EchoRequest()).ResponseAsync.Soon();

        channel.State.ShouldBe(ConnectivityState.Ready);
    }

    [Fact]
    public async Task ConnectAsync_WithAServer_CompletesWhenReady()
    {
        await using EchoPool pool = await EchoPool.StartAsync(1);
        GrpcChannel channel = pool.CreateChannel();

        await channel.ConnectAsync().Soon();

        channel.State.ShouldBe(ConnectivityState.Ready);
    }

    [Fact]
    public async Task Call_WhileNobodyCanBeReached_FailsAndSaysWhy()
    {
        await using EchoPool pool = await EchoPool.StartAsync(0, balancer => balancer.AddBackends(new Backend(UnusedPort.Address()) { Id = "a" }));
        GrpcChannel channel = pool.CreateChannel();

        RpcException failure = await Assert.ThrowsAsync<RpcException>(() => new Echo.EchoClient(channel).UnaryAsync(new EchoRequest()).ResponseAsync.Soon());

        failure.StatusCode.ShouldBe(StatusCode.Unavailable);
        failure.Status.Detail.ShouldContain("No backend can take the request. orders:");
        failure.Status.Detail.ShouldContain("This channel cannot connect to a: ");
        channel.State.ShouldBe(ConnectivityState.TransientFailure);
        pool.InFlight.ShouldBe([0]);
    }

    [Fact]
    public async Task Call_ThatWaitsForReady_IsSentWhenAServerComes()
    {
        await using EchoPool pool = await EchoPool.StartAsync(1);
        int port = pool.Servers[0].Address.Port;
        await pool.Servers[0].DisposeAsync();
        GrpcChannel channel = pool.CreateChannel();
        Echo.EchoClient client = new(channel);
        Task<EchoReply> waiting = client.UnaryAsync(new EchoRequest(), WaitsForReady).ResponseAsync;
        await Assert.ThrowsAsync<RpcException>(() => client.UnaryAsync(new EchoRequest()).ResponseAsync.Soon());
        waiting.IsCompleted.ShouldBeFalse();

        await using EchoServer server = await EchoServer.StartAsync("back", port: port);

        // The connect that failed has opened no circuit, since it takes five.
        (await waiting.Soon()).Server.ShouldBe("back");
    }

    [Fact]
    public async Task Call_ThatWaitsForReady_IsEndedByItsDeadline()
    {
        await using EchoPool pool = await EchoPool.StartAsync(0, balancer => balancer.AddBackends(new Backend(UnusedPort.Address())));

        RpcException failure = await Assert.ThrowsAsync<RpcException>(
            () => pool.CreateClient().UnaryAsync(new EchoRequest(), WaitsForReady.WithDeadline(DateTime.UtcNow.AddMilliseconds(50))).ResponseAsync.Soon());

        failure.StatusCode.ShouldBe(StatusCode.DeadlineExceeded);
    }

    [Fact]
    public async Task Call_BeforeDiscoveryHasAnswered_WaitsForIt()
    {
        await using EchoServer server = await EchoServer.StartAsync("a");
        ManualSource source = new();
        await using EchoPool pool = await EchoPool.StartAsync(0, balancer => balancer.AddSource(source));
        GrpcChannel channel = pool.CreateChannel();
        Task<EchoReply> call = new Echo.EchoClient(channel).UnaryAsync(new EchoRequest()).ResponseAsync;
        await Wait.UntilAsync(() => channel.State == ConnectivityState.Connecting);
        call.IsCompleted.ShouldBeFalse();

        await source.PublishAsync(new Backend(server.Address));

        (await call.Soon()).Server.ShouldBe("a");
    }

    [Fact]
    public async Task Call_BeforeDiscoveryHasAnswered_IsEndedByItsDeadline()
    {
        await using EchoPool pool = await EchoPool.StartAsync(0, balancer => balancer.AddSource(new ManualSource()));

        RpcException failure = await Assert.ThrowsAsync<RpcException>(() => pool.CreateClient().UnaryAsync(new EchoRequest(), deadline: DateTime.UtcNow.AddMilliseconds(50)).ResponseAsync.Soon());

        failure.StatusCode.ShouldBe(StatusCode.DeadlineExceeded);
    }

    [Fact]
    public async Task Call_WhenDiscoveryDoesNotAnswerInTime_FailsUnlessItWaitsForReady()
    {
        await using EchoServer server = await EchoServer.StartAsync("a");
        ManualSource source = new();
        await using EchoPool pool = await EchoPool.StartAsync(0, balancer => balancer.AddSource(source).UseCircuitBreaker(breaker => breaker.Enabled = false));
        GrpcChannel channel = pool.CreateChannel();
        Echo.EchoClient client = new(channel);
        Task<EchoReply> call = client.UnaryAsync(new EchoRequest()).ResponseAsync;
        Task<EchoReply> waiting = client.UnaryAsync(new EchoRequest(), WaitsForReady).ResponseAsync;

        // Five seconds, on the balancer's clock.
        await pool.Clock.WaitForTimersAsync(1);
        pool.Clock.Advance(TimeSpan.FromSeconds(5));

        RpcException failure = await Assert.ThrowsAsync<RpcException>(() => call.Soon());
        failure.StatusCode.ShouldBe(StatusCode.Unavailable);
        failure.Status.Detail.ShouldContain("Waiting for ");
        await Wait.UntilAsync(() => channel.State == ConnectivityState.TransientFailure);
        waiting.IsCompleted.ShouldBeFalse();

        await source.PublishAsync(new Backend(server.Address));
        (await waiting.Soon()).Server.ShouldBe("a");
        (await client.UnaryAsync(new EchoRequest()).ResponseAsync.Soon()).Server.ShouldBe("a");
    }

    [Fact]
    public async Task Call_BeforeTheFirstProbe_WaitsForItWhereNobodyIsTrustedBefore()
    {
        await using EchoPool pool = await EchoPool.StartAsync(1, balancer => balancer
            .UseActiveHealthChecks(probe => (probe.Probe, probe.InitiallyHealthy) = (new HealthyProbe(), false))
            .Configure(options => options.FirstBackendsTimeout = TimeSpan.FromMinutes(1)));
        Task<EchoReply> call = pool.CreateClient().UnaryAsync(new EchoRequest()).ResponseAsync;
        await Wait.UntilAsync(() => pool.Servers[0].Loopback.OpenConnections == 1);
        pool.Servers[0].Loopback.RequestCount.ShouldBe(0);
        call.IsCompleted.ShouldBeFalse();

        await Wait.UntilAsync(() =>
        {
            pool.Clock.Advance(TimeSpan.FromSeconds(1));
            return pool["a"].Unavailability == Unavailability.None;
        });

        (await call.Soon()).Server.ShouldBe("a");
    }

    [Fact]
    public async Task Call_WhenDiscoveryNamesNobody_FailsUnlessItWaitsForReady()
    {
        await using EchoServer server = await EchoServer.StartAsync("a");
        ManualSource source = new();
        await using EchoPool pool = await EchoPool.StartAsync(0, balancer => balancer.AddSource(source));
        Echo.EchoClient client = pool.CreateClient();
        Task<EchoReply> call = client.UnaryAsync(new EchoRequest()).ResponseAsync;
        Task<EchoReply> waiting = client.UnaryAsync(new EchoRequest(), WaitsForReady).ResponseAsync;
        await Wait.UntilAsync(() => source.Watches == 1);

        await source.PublishAsync();
        (await Assert.ThrowsAsync<RpcException>(() => call.Soon())).StatusCode.ShouldBe(StatusCode.Unavailable);

        await source.PublishAsync(new Backend(server.Address));
        (await waiting.Soon()).Server.ShouldBe("a");
    }

    [Fact]
    public async Task Call_WhenTheBalancerIsDisposed_IsDropped()
    {
        await using EchoPool pool = await EchoPool.StartAsync(1);
        Echo.EchoClient client = await pool.ConnectAsync();

        pool.Balancer.Dispose();

        RpcException failure = await Assert.ThrowsAsync<RpcException>(() => client.UnaryAsync(new EchoRequest(), WaitsForReady).ResponseAsync.Soon());
        failure.StatusCode.ShouldBe(StatusCode.Unavailable);
        failure.Status.Detail.ShouldContain("Balancer 'orders'");
    }

    [Fact]
    public async Task Call_OfAChannelWhoseBalancerWasDisposedBefore_IsDropped()
    {
        await using EchoPool pool = await EchoPool.StartAsync(1);
        Echo.EchoClient client = pool.CreateClient();

        pool.Balancer.Dispose();

        (await Assert.ThrowsAsync<RpcException>(() => client.UnaryAsync(new EchoRequest(), WaitsForReady).ResponseAsync.Soon())).StatusCode.ShouldBe(StatusCode.Unavailable);
    }

    [Fact]
    public async Task Calls_WhileOneOfTwoIsUnreachable_GoToTheOther()
    {
        await using EchoServer server = await EchoServer.StartAsync("a");
        await using EchoPool pool = await EchoPool.StartAsync(0, balancer => balancer
            .AddBackends(new Backend(server.Address) { Id = "a" }, new Backend(UnusedPort.Address()) { Id = "down" }).UsePolicy(new RoundRobinPolicy()));
        Echo.EchoClient client = pool.CreateClient();

        for (int i = 0; i < 20; i++)
        {
            (await client.UnaryAsync(new EchoRequest()).ResponseAsync.Soon()).Server.ShouldBe("a");
        }
    }

    [Fact]
    public async Task Connection_Lost_IsMadeAgainBeforeTheNextCall()
    {
        await using EchoPool pool = await EchoPool.StartAsync(1);
        GrpcChannel channel = pool.CreateChannel();
        Echo.EchoClient client = new(channel);
        await client.UnaryAsync(new EchoRequest()).ResponseAsync.Soon();
        string before = pool.Servers[0].Loopback.Requests[0].ConnectionId;

        pool.Servers[0].Loopback.AbortConnections();
        await Wait.UntilAsync(() => pool.Servers[0].Loopback.AcceptedConnections == 2);
        await client.UnaryAsync(new EchoRequest(), WaitsForReady).ResponseAsync.Soon();

        pool.Servers[0].Loopback.Requests[^1].ConnectionId.ShouldNotBe(before);
    }

    [Fact]
    public async Task Backend_ThatMayBeUsedAgain_IsConnectedAtOnce()
    {
        await using EchoPool pool = await EchoPool.StartAsync(1);
        int port = pool.Servers[0].Address.Port;
        await pool.Servers[0].DisposeAsync();
        Echo.EchoClient client = new(pool.CreateChannel(backOff: TimeSpan.FromHours(1)));
        await Assert.ThrowsAsync<RpcException>(() => client.UnaryAsync(new EchoRequest()).ResponseAsync.Soon());
        await using EchoServer server = await EchoServer.StartAsync("back", port: port);
        Task<EchoReply> waiting = client.UnaryAsync(new EchoRequest(), WaitsForReady).ResponseAsync;

        // The channel must have seen both: what comes together is seen once.
        pool.Balancer.Isolate("a");
        await Wait.UntilAsync(() => Detail(client).Contains("isolated", StringComparison.Ordinal));
        waiting.IsCompleted.ShouldBeFalse();
        pool.Balancer.Restore("a");

        (await waiting.Soon()).Server.ShouldBe("back");
    }

    [Fact]
    public async Task Picks_ThatAreGivenUp_CountNothing()
    {
        // Nobody may be used, so calls that wait for ready are picked for again and again, and in the end are canceled.
        await using EchoPool pool = await EchoPool.StartAsync(1, balancer => balancer.Configure(options => options.FailClosed = true));
        Echo.EchoClient client = await pool.ConnectAsync();
        pool.Balancer.Isolate("a");
        using CancellationTokenSource caller = new();
        Task<EchoReply>[] waiting = [.. Enumerable.Range(0, 50).Select(_ => client.UnaryAsync(new EchoRequest(), WaitsForReady.WithCancellationToken(caller.Token)).ResponseAsync)];

        await caller.CancelAsync();

        foreach (Task<EchoReply> call in waiting)
        {
            (await Assert.ThrowsAsync<RpcException>(() => call.Soon())).StatusCode.ShouldBe(StatusCode.Cancelled);
        }

        pool.InFlight.ShouldBe([0]);
        pool.Servers[0].Calls.ShouldBe(0);
    }

    /// <summary>What a call is told now.</summary>
    private static string Detail(Echo.EchoClient client)
    {
        try
        {
            client.Unary(new EchoRequest());
            return "";
        }
        catch (RpcException failure)
        {
            return failure.Status.Detail;
        }
    }

    private sealed class HealthyProbe : IHealthProbe
    {
        public ValueTask<ProbeResult> CheckAsync(Backend backend, CancellationToken cancellationToken) => ValueTask.FromResult(ProbeResult.Healthy);
    }
}
