using Grpc.Core;
using LoadBalancing.Client.Grpc.Tests.Servers;
using LoadBalancing.Client.Tests.Discovery;

namespace LoadBalancing.Client.Grpc.Tests.Channels;

/// <summary>Concurrency caps of backends.</summary>
public sealed class CapTests
{
    private const int Servers = 3;

    private static readonly CallOptions WaitsForReady = new CallOptions().WithWaitForReady();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Cap_UnderManyCallsAtOnce_IsNeverExceededAndAllEnd(int cap)
    {
        List<EchoServer> servers = [];
        int[] running = new int[Servers];
        int most = 0;
        for (int i = 0; i < Servers; i++)
        {
            int index = i;
            EchoServer server = await EchoServer.StartAsync($"s{i}");
            server.BeforeAnswer = async _ =>
            {
                int now = Interlocked.Increment(ref running[index]);
                InterlockedMax(ref most, now);
                await Task.Yield();
                Interlocked.Decrement(ref running[index]);
            };
            servers.Add(server);
        }

        await using EchoPool pool = await EchoPool.StartAsync(0, balancer => balancer.AddBackends(servers.Select(server => new Backend(server.Address) { Id = server.Name, MaxConcurrency = cap })));
        Echo.EchoClient client = pool.CreateClient();

        await Parallel.ForAsync(0, 1000, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (_, _) => await client.UnaryAsync(new EchoRequest(), WaitsForReady).ResponseAsync.Soon());

        most.ShouldBeLessThanOrEqualTo(cap);
        pool.InFlight.ShouldAllBe(count => count == 0);
        foreach (EchoServer server in servers)
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task Call_WhenAllAreAtTheirCaps_FailsUnlessItWaitsForReady()
    {
        await using EchoServer server = await EchoServer.StartAsync("a");
        await using EchoPool pool = await EchoPool.StartAsync(0, balancer => balancer.AddBackends(new Backend(server.Address) { Id = "a", MaxConcurrency = 1 }));
        Echo.EchoClient client = pool.CreateClient();
        using AsyncServerStreamingCall<EchoReply> stream = client.Watch(new EchoRequest());
        (await stream.ResponseStream.MoveNext(CancellationToken.None).Soon()).ShouldBeTrue();

        RpcException failure = await Assert.ThrowsAsync<RpcException>(() => client.UnaryAsync(new EchoRequest()).ResponseAsync.Soon());
        failure.StatusCode.ShouldBe(StatusCode.Unavailable);
        ((NoBackendAvailableException)failure.Status.DebugException!).IsSaturated.ShouldBeTrue();

        Task<EchoReply> waiting = client.UnaryAsync(new EchoRequest(), WaitsForReady).ResponseAsync;
        await Assert.ThrowsAsync<RpcException>(() => client.UnaryAsync(new EchoRequest()).ResponseAsync.Soon());
        waiting.IsCompleted.ShouldBeFalse();
        server.EndStreams();
        (await stream.ResponseStream.MoveNext(CancellationToken.None).Soon()).ShouldBeFalse();

        (await waiting.Soon()).Server.ShouldBe("a");
    }

    [Fact]
    public async Task Room_MadeByAnotherClientOfTheBalancer_WakesACallThatWaits()
    {
        await using EchoServer server = await EchoServer.StartAsync("a");
        await using EchoPool pool = await EchoPool.StartAsync(0, balancer => balancer.AddBackends(new Backend(server.Address) { Id = "a", MaxConcurrency = 1 }));
        Echo.EchoClient client = await pool.ConnectAsync();
        await client.UnaryAsync(new EchoRequest()).ResponseAsync.Soon();
        pool.Balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
        Task<EchoReply> waiting = client.UnaryAsync(new EchoRequest(), WaitsForReady).ResponseAsync;
        await Assert.ThrowsAsync<RpcException>(() => client.UnaryAsync(new EchoRequest()).ResponseAsync.Soon());

        lease.Complete(Outcome.Succeeded);

        (await waiting.Soon()).Server.ShouldBe("a");
    }

    private static void InterlockedMax(ref int most, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref most)) < value && Interlocked.CompareExchange(ref most, value, seen) != seen)
        {
        }
    }
}
