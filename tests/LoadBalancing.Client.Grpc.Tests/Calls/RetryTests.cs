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

    [Fact]
    public async Task Retries_WhileTwoOfFourFailEveryCall_FindTheOthers()
    {
        await using EchoPool pool = await EchoPool.StartAsync(4, balancer => balancer.UseCircuitBreaker(breaker => breaker.Enabled = false));
        Echo.EchoClient client = await pool.ConnectAsync(Retries, isBalanced: true);
        pool.Servers[0].FailWith(StatusCode.Unavailable);
        pool.Servers[2].FailWith(StatusCode.Internal);

        EchoReply[] replies = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => client.UnaryAsync(new EchoRequest()).ResponseAsync)).Soon();

        replies.ShouldAllBe(reply => reply.Server == "b" || reply.Server == "d");
        (pool.Servers[0].Calls + pool.Servers[2].Calls).ShouldBeGreaterThan(0);
        pool.InFlight.ShouldAllBe(count => count == 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Retries_ThroughABalancedInvoker_VisitEachBackendOnce(bool isHash)
    {
        LoadBalancingPolicy policy = isHash ? new RingHashPolicy() : new LeastRequestPolicy();
        await using EchoPool pool = await EchoPool.StartAsync(4, balancer => balancer.UsePolicy(policy).UseCircuitBreaker(breaker => breaker.Enabled = false));
        Echo.EchoClient client = await pool.ConnectAsync(Retries, isBalanced: true);
        Array.ForEach(pool.Servers, server => server.FailWith(StatusCode.Unavailable));

        for (int calls = 1; calls <= 10; calls++)
        {
            await Assert.ThrowsAsync<RpcException>(() => client.UnaryAsync(new EchoRequest()).ResponseAsync.Soon());
            pool.Servers.ShouldAllBe(server => server.Calls == calls);
        }
    }

    [Fact]
    public async Task Hedges_ThroughABalancedInvoker_GoToDistinctBackends()
    {
        await using EchoPool pool = await EchoPool.StartAsync(4, balancer => balancer.UseCircuitBreaker(breaker => breaker.Enabled = false));
        Echo.EchoClient client = await pool.ConnectAsync(Hedging, isBalanced: true);
        for (int i = 0; i < 20; i++)
        {
            TaskCompletionSource answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
            foreach (EchoServer server in pool.Servers)
            {
                server.Forget();
                server.BeforeAnswer = _ => answered.Task;
            }

            Task<EchoReply> call = client.UnaryAsync(new EchoRequest()).ResponseAsync;
            await Wait.UntilAsync(() => pool.Servers.Sum(server => server.Calls) == 3);

            pool.Servers.Select(server => server.Calls).ShouldAllBe(calls => calls <= 1);
            answered.SetResult();
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

    [Fact]
    public async Task Backend_KilledUnderTraffic_FailsNoCallAndComesBack()
    {
        await using EchoPool pool = await EchoPool.StartAsync(4, balancer => balancer.UseSlowStart());
        Echo.EchoClient client = await pool.ConnectAsync(Retries, isBalanced: true);
        EchoServer killed = pool.Servers[1];
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

        await killed.DisposeAsync();
        await SendAsync(200);

        // The circuit is open, or the connection is down: either keeps calls away.
        await using EchoServer back = await EchoServer.StartAsync("b", port: port);
        while (back.Calls == 0)
        {
            pool.Clock.Advance(TimeSpan.FromSeconds(1));
            await SendAsync(10);
        }

        await enough.CancelAsync();
        await Task.WhenAll(callers).Soon();

        async Task SendAsync(int more)
        {
            int until = Volatile.Read(ref sent) + more;
            await Wait.UntilAsync(() => Volatile.Read(ref sent) >= until || callers.Any(caller => caller.IsFaulted));
        }
    }
}
