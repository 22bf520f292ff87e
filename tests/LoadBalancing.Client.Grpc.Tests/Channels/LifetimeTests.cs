using Grpc.Core;
using Grpc.Net.Client;
using LoadBalancing.Client.Grpc.Tests.Servers;
using LoadBalancing.Client.Tests.Discovery;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Grpc.Tests.Channels;

/// <summary>Which backends have a connection, and for how long.</summary>
public sealed class LifetimeTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Backend_ThatDrainsOrIsRemoved_FinishesItsStreamsAndThenItsConnectionIsClosed(bool isRemoved)
    {
        await using EchoServer a = await EchoServer.StartAsync("a");
        await using EchoServer b = await EchoServer.StartAsync("b");
        ManualSource source = new();
        await using EchoPool pool = await EchoPool.StartAsync(0, balancer => balancer.AddSource(source).UsePolicy(new RoundRobinPolicy()));
        GrpcChannel channel = pool.CreateChannel();
        Echo.EchoClient client = new(channel);
        Task connecting = channel.ConnectAsync();
        await Wait.UntilAsync(() => source.Watches == 1);
        await source.PublishAsync(pool.Describe(a), pool.Describe(b));
        await connecting.Soon();
        (AsyncDuplexStreamingCall<EchoRequest, EchoReply> onA, AsyncDuplexStreamingCall<EchoRequest, EchoReply> onB) = await ChatWithBothAsync(client);
        BackendState stateOfA = pool["a"];

        Task<DrainResult>? drain = null;
        if (isRemoved)
        {
            await source.PublishAsync(pool.Describe(b));
        }
        else
        {
            drain = pool.Balancer.DrainAsync("a", Timeout.InfiniteTimeSpan);
        }

        a.Forget();
        for (int i = 0; i < 20; i++)
        {
            (await client.UnaryAsync(new EchoRequest(), new CallOptions().WithWaitForReady()).ResponseAsync.Soon()).Server.ShouldBe("b");
        }

        // What runs goes on.
        stateOfA.InFlight.ShouldBe(1);
        a.Loopback.OpenConnections.ShouldBeGreaterThan(0);
        (await SayAsync(onA, "still here")).Server.ShouldBe("a");
        await onA.RequestStream.CompleteAsync().Soon();
        (await onA.ResponseStream.MoveNext(CancellationToken.None).Soon()).ShouldBeFalse();

        await Wait.UntilAsync(() => a.Loopback.OpenConnections == 0);
        if (drain is not null)
        {
            (await drain.Soon()).InFlight.ShouldBe(0);
        }

        b.Loopback.OpenConnections.ShouldBe(1);
        (await SayAsync(onB, "as ever")).Server.ShouldBe("b");

        // And back.
        if (isRemoved)
        {
            await source.PublishAsync(pool.Describe(a), pool.Describe(b));
        }
        else
        {
            pool.Balancer.Restore("a");
        }

        string? server = null;
        while (server != "a")
        {
            server = (await client.UnaryAsync(new EchoRequest()).ResponseAsync.Soon()).Server;
        }
    }

    [Fact]
    public async Task Discovery_UpdatesTheList_KeepsTheConnectionsOfThoseThatStay()
    {
        await using EchoServer a = await EchoServer.StartAsync("a");
        await using EchoServer b = await EchoServer.StartAsync("b");
        ManualSource source = new();
        await using EchoPool pool = await EchoPool.StartAsync(0, balancer => balancer.AddSource(source).UsePolicy(new RoundRobinPolicy()));
        Echo.EchoClient client = pool.CreateClient();
        Task<EchoReply> first = client.UnaryAsync(new EchoRequest()).ResponseAsync;
        await Wait.UntilAsync(() => source.Watches == 1);
        await source.PublishAsync(pool.Describe(a));
        await first.Soon();

        await source.PublishAsync(pool.Describe(b), pool.Describe(a) with { Weight = 3 });
        await source.PublishAsync(pool.Describe(b) with { Metadata = new Dictionary<string, string> { ["version"] = "2" } }, pool.Describe(a) with { Weight = 2 });
        HashSet<string> seen = [];
        while (seen.Count < 2)
        {
            seen.Add((await client.UnaryAsync(new EchoRequest()).ResponseAsync.Soon()).Server);
        }

        await source.PublishAsync(pool.Describe(a), pool.Describe(b));
        for (int i = 0; i < 10; i++)
        {
            await client.UnaryAsync(new EchoRequest()).ResponseAsync.Soon();
        }

        a.Loopback.Requests.Select(request => request.ConnectionId).Distinct().ShouldHaveSingleItem();
        b.Loopback.Requests.Select(request => request.ConnectionId).Distinct().ShouldHaveSingleItem();
        a.Loopback.OpenConnections.ShouldBe(1);
        b.Loopback.OpenConnections.ShouldBe(1);
    }

    [Fact]
    public async Task Drain_OfOneOfTwoBackendsAtTheSameAddress_LeavesTheConnectionOpen()
    {
        await using EchoServer server = await EchoServer.StartAsync("a");
        await using EchoPool pool = await EchoPool.StartAsync(0, balancer => balancer
            .AddBackends(new Backend(server.Address) { Id = "first" }, new Backend(server.Address) { Id = "second" }).UsePolicy(new RoundRobinPolicy()));
        Echo.EchoClient client = pool.CreateClient();
        using AsyncDuplexStreamingCall<EchoRequest, EchoReply> chat = client.Chat();
        await SayAsync(chat, "hello");
        string used = pool.Balancer.Backends.Single(backend => backend.InFlight == 1).Id;

        await pool.Balancer.DrainAsync(used == "first" ? "second" : "first", TimeSpan.Zero);

        // What would close it has had time for it when the channel has seen the drain.
        for (int i = 0; i < 20; i++)
        {
            await client.UnaryAsync(new EchoRequest(), new CallOptions().WithWaitForReady()).ResponseAsync.Soon();
        }

        (await SayAsync(chat, "still here")).Server.ShouldBe("a");
    }

    [Fact]
    public async Task Drain_OfTheLastBackend_MakesCallsFail()
    {
        await using EchoPool pool = await EchoPool.StartAsync(1);
        Echo.EchoClient client = await pool.ConnectAsync();

        await pool.Balancer.DrainAsync("a", TimeSpan.Zero);

        (await Assert.ThrowsAsync<RpcException>(() => client.UnaryAsync(new EchoRequest()).ResponseAsync.Soon())).Status.Detail.ShouldContain("drain");
        pool.Servers[0].Calls.ShouldBe(0);
    }

    [Fact]
    public async Task Isolated_Backend_GetsNothingAndKeepsItsConnection()
    {
        await using EchoPool pool = await EchoPool.StartAsync(2, balancer => balancer.UsePolicy(new RoundRobinPolicy()));
        Echo.EchoClient client = await pool.ConnectAsync();

        pool.Balancer.Isolate("a");
        for (int i = 0; i < 20; i++)
        {
            (await client.UnaryAsync(new EchoRequest()).ResponseAsync.Soon()).Server.ShouldBe("b");
        }

        pool.Servers[0].Loopback.OpenConnections.ShouldBe(1);
    }

    private static async Task<(AsyncDuplexStreamingCall<EchoRequest, EchoReply> OnA, AsyncDuplexStreamingCall<EchoRequest, EchoReply> OnB)> ChatWithBothAsync(Echo.EchoClient client)
    {
        Dictionary<string, AsyncDuplexStreamingCall<EchoRequest, EchoReply>> chats = [];
        while (chats.Count < 2)
        {
            AsyncDuplexStreamingCall<EchoRequest, EchoReply> chat = client.Chat();
            string server = (await SayAsync(chat, "hello")).Server;
            if (!chats.TryAdd(server, chat))
            {
                await chat.RequestStream.CompleteAsync().Soon();
                (await chat.ResponseStream.MoveNext(CancellationToken.None).Soon()).ShouldBeFalse();
            }
        }

        return (chats["a"], chats["b"]);
    }

    private static async Task<EchoReply> SayAsync(AsyncDuplexStreamingCall<EchoRequest, EchoReply> chat, string text)
    {
        await chat.RequestStream.WriteAsync(new EchoRequest { Text = text }).Soon();
        (await chat.ResponseStream.MoveNext(CancellationToken.None).Soon()).ShouldBeTrue();
        return chat.ResponseStream.Current;
    }
}
