using Grpc.Core;
using Grpc.Net.Client.Configuration;
using LoadBalancing.Client.Grpc.Tests.Servers;
using LoadBalancing.Client.Tests.Discovery;

namespace LoadBalancing.Client.Grpc.Tests.Calls;

/// <summary>Retries and hedging of gRPC's own service config, through a balanced invoker.</summary>
public sealed class RetryTests
{
    private static readonly MethodName Unary = new() { Service = "loadbalancing.tests.Echo", Method = "Unary" };

    private static readonly ServiceConfig Retries = new()
    {
        MethodConfigs =
        {
            new MethodConfig
            {
                Names = { Unary },
                RetryPolicy = new RetryPolicy
                {
                    MaxAttempts = 4,
                    InitialBackoff = TimeSpan.FromMilliseconds(1),
                    MaxBackoff = TimeSpan.FromMilliseconds(1),
                    BackoffMultiplier = 1,
                    RetryableStatusCodes = { StatusCode.Unavailable, StatusCode.Internal },
                },
            },
        },
    };

    private static readonly ServiceConfig Hedging = new()
    {
        MethodConfigs =
        {
            new MethodConfig
            {
                Names = { Unary },
                HedgingPolicy = new HedgingPolicy { MaxAttempts = 3, HedgingDelay = TimeSpan.Zero, NonFatalStatusCodes = { StatusCode.Unavailable } },
            },
        },
    };

    [Theory]
    [Servers(ServerKind.AspNetCore)]
    [Servers(ServerKind.GrpcJs)]
    public async Task Retries_WhileTwoOfFourFailEveryCall_FindTheOthers(ServerKind servers)
    {
        await using BalancedPool pool = await BalancedPool.StartAsync(servers, 4, balancer => balancer.UseCircuitBreaker(breaker => breaker.Enabled = false));
        Echo.EchoClient client = await pool.ConnectAsync(Retries, isBalanced: true);
        await pool.Peers[0].FailWithAsync(StatusCode.Unavailable);
        await pool.Peers[2].FailWithAsync(StatusCode.Internal);

        EchoReply[] replies = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => client.UnaryAsync(new EchoRequest()).ResponseAsync)).Soon();

        replies.ShouldAllBe(reply => reply.Server == "b" || reply.Server == "d");
        int[] calls = await pool.CountCallsAsync();
        (calls[0] + calls[2]).ShouldBeGreaterThan(0);
        pool.InFlight.ShouldAllBe(count => count == 0);
    }

    [Theory]
    [Servers(ServerKind.AspNetCore, true)]
    [Servers(ServerKind.AspNetCore, false)]
    [Servers(ServerKind.GrpcJs, true)]
    [Servers(ServerKind.GrpcJs, false)]
    public async Task Retries_ThroughABalancedInvoker_VisitEachBackendOnce(ServerKind servers, bool isHash)
    {
        LoadBalancingPolicy policy = isHash ? new RingHashPolicy() : new LeastRequestPolicy();
        await using BalancedPool pool = await BalancedPool.StartAsync(servers, 4, balancer => balancer.UsePolicy(policy).UseCircuitBreaker(breaker => breaker.Enabled = false));
        Echo.EchoClient client = await pool.ConnectAsync(Retries, isBalanced: true);
        await pool.ForAllAsync(server => server.FailWithAsync(StatusCode.Unavailable));

        for (int calls = 1; calls <= 10; calls++)
        {
            await Assert.ThrowsAsync<RpcException>(() => client.UnaryAsync(new EchoRequest()).ResponseAsync.Soon());
            (await pool.CountCallsAsync()).ShouldAllBe(count => count == calls);
        }
    }

    [Theory]
    [Servers(ServerKind.AspNetCore)]
    [Servers(ServerKind.GrpcJs)]
    public async Task Hedges_ThroughABalancedInvoker_GoToDistinctBackends(ServerKind servers)
    {
        await using BalancedPool pool = await BalancedPool.StartAsync(servers, 4, balancer => balancer.UseCircuitBreaker(breaker => breaker.Enabled = false));
        Echo.EchoClient client = await pool.ConnectAsync(Hedging, isBalanced: true);
        for (int i = 0; i < 20; i++)
        {
            await pool.ForAllAsync(async server =>
            {
                await server.ForgetAsync();
                await server.HoldAsync();
            });

            Task<EchoReply> call = client.UnaryAsync(new EchoRequest()).ResponseAsync;
            await pool.UntilCalledAsync(3);

            (await pool.CountCallsAsync()).ShouldAllBe(calls => calls <= 1);
            await pool.ForAllAsync(server => server.RecoverAsync());
            await call.Soon();
            await Wait.UntilAsync(() => pool.InFlight.All(count => count == 0));
        }
    }

    [Fact]
    public async Task Invoker_AfterACall_LeavesTheCallersFlowAsItWas()
    {
        await using EchoPool pool = await EchoPool.StartAsync(4, balancer => balancer.UsePolicy(new RoundRobinPolicy()));
        Echo.EchoClient balanced = await pool.ConnectAsync(isBalanced: true);

        // If what one call has tried flowed on, the fifth would find nothing left and the order would break.
        List<string> servers = [];
        for (int i = 0; i < 12; i++)
        {
            servers.Add((await balanced.UnaryAsync(new EchoRequest()).ResponseAsync.Soon()).Server);
        }

        servers.Skip(4).ShouldBe(servers.SkipLast(4));
        servers.Take(4).ShouldBeUnique();
    }

    [Theory]
    [Servers(ServerKind.AspNetCore)]
    [Servers(ServerKind.GrpcJs)]
    public async Task Backend_KilledUnderTraffic_FailsNoCallAndComesBack(ServerKind servers)
    {
        await using BalancedPool pool = await BalancedPool.StartAsync(servers, 4, balancer => balancer.UseSlowStart());
        Echo.EchoClient client = await pool.ConnectAsync(Retries, isBalanced: true);
        IEchoServer killed = pool.Peers[1];
        int port = killed.Address.Port;
        int sent = 0;
        using CancellationTokenSource enough = new();
        Task[] callers = [.. Enumerable.Range(0, 4).Select(async _ =>
        {
            while (!enough.IsCancellationRequested)
            {
                await client.UnaryAsync(new EchoRequest()).ResponseAsync.Soon();
                Interlocked.Increment(ref sent);
            }
        })];
        await SendAsync(100);

        // It dies with calls of which nobody has seen anything. What has begun to answer, gRPC does not send again.
        await killed.HoldAsync();
        await HoldsAllAsync().Soon();
        await killed.DisposeAsync();
        await SendAsync(200);

        // The circuit is open, or the connection is down: either keeps calls away.
        await using IEchoServer back = await pool.RestartAsync("b", port);
        while (await back.CountCallsAsync() == 0)
        {
            pool.Clock.Advance(TimeSpan.FromSeconds(1));
            await SendAsync(10);
        }

        await enough.CancelAsync();
        await Task.WhenAll(callers).Soon();

        async Task HoldsAllAsync()
        {
            // In this order: what is in flight and not among those that are held was not held before either.
            int held = await killed.CountHeldAsync();
            while (held == 0 || pool["b"].InFlight != held)
            {
                await Task.Yield();
                held = await killed.CountHeldAsync();
            }
        }

        async Task SendAsync(int more)
        {
            int until = Volatile.Read(ref sent) + more;
            await Wait.UntilAsync(() => Volatile.Read(ref sent) >= until || callers.Any(caller => caller.IsFaulted));
        }
    }
}
