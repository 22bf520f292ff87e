using Grpc.Core;
using Grpc.Net.Client;
using LoadBalancing.Client.Grpc.Tests.Servers;
using LoadBalancing.Client.Tests.Discovery;

namespace LoadBalancing.Client.Grpc.Tests.Calls;

/// <summary>The balancer's own policy decides, with all that it knows.</summary>
public sealed class PolicyTests
{
    public static TheoryData<LoadBalancingPolicy> Policies =>
    [
        new PickFirstPolicy(), new RoundRobinPolicy(), new WeightedRoundRobinPolicy(), new RandomPolicy(), new LeastRequestPolicy(), new PeakEwmaPolicy(),
        new WeightedResponseTimePolicy(), new LeastBandwidthPolicy(), new RingHashPolicy(), new MaglevPolicy(), new RendezvousPolicy(),
    ];

    [Theory]
    [MemberData(nameof(Policies), DisableDiscoveryEnumeration = true)]
    public async Task Policy_OfEveryKind_UsesWhoMayBeUsed(LoadBalancingPolicy policy)
    {
        await using EchoPool pool = await EchoPool.StartAsync(3, balancer => balancer.UsePolicy(policy));
        Echo.EchoClient client = pool.CreateClient();
        await client.UnaryAsync(new EchoRequest()).ResponseAsync.Soon();

        pool.Balancer.Isolate("b");
        pool.Servers[1].Forget();
        for (int i = 0; i < 30; i++)
        {
            (await client.UnaryAsync(new EchoRequest(), new CallOptions().WithWaitForReady()).ResponseAsync.Soon()).Server.ShouldNotBe("b");
        }

        pool.Servers[1].Calls.ShouldBe(0);
        pool.InFlight.ShouldBe([0, 0, 0]);
    }

    [Fact]
    public async Task Weights_OfBackends_AreKeptExactly()
    {
        await using EchoServer a = await EchoServer.StartAsync("a");
        await using EchoServer b = await EchoServer.StartAsync("b");
        await using EchoPool pool = await EchoPool.StartAsync(0, balancer => balancer
            .AddBackends(new Backend(a.Address) { Id = "a", Weight = 3 }, new Backend(b.Address) { Id = "b" }).UsePolicy(new WeightedRoundRobinPolicy()));
        Echo.EchoClient client = pool.CreateClient();
        while (a.Calls == 0 || b.Calls == 0)
        {
            await client.UnaryAsync(new EchoRequest()).ResponseAsync.Soon();
        }

        a.Forget();
        b.Forget();
        for (int i = 0; i < 40; i++)
        {
            await client.UnaryAsync(new EchoRequest()).ResponseAsync.Soon();
        }

        (a.Calls, b.Calls).ShouldBe((30, 10));
    }

    [Fact]
    public async Task Tier_ThatCannotBeReached_HandsItsCallsOn()
    {
        await using EchoServer first = await EchoServer.StartAsync("first");
        await using EchoServer second = await EchoServer.StartAsync("second");
        await using EchoPool pool = await EchoPool.StartAsync(0, balancer => balancer
            .AddBackends(new Backend(first.Address) { Id = "first" }, new Backend(second.Address) { Id = "second", Priority = 1 }));
        GrpcChannel channel = pool.CreateChannel();
        Echo.EchoClient client = new(channel);
        for (int i = 0; i < 20; i++)
        {
            (await client.UnaryAsync(new EchoRequest(), new CallOptions().WithWaitForReady()).ResponseAsync.Soon()).Server.ShouldBe("first");
        }

        await first.DisposeAsync();

        // What is sent before the channel has noticed may fail.
        string? server = null;
        while (server != "second")
        {
            server = await TryCallAsync(client);
        }

        for (int i = 0; i < 20; i++)
        {
            (await client.UnaryAsync(new EchoRequest(), new CallOptions().WithWaitForReady()).ResponseAsync.Soon()).Server.ShouldBe("second");
        }
    }

    [Fact]
    public async Task Reload_OfThePolicy_AppliesToChannelsInUse()
    {
        await using EchoPool pool = await EchoPool.StartAsync(3, balancer => balancer.UsePolicy(new RoundRobinPolicy()));
        Echo.EchoClient client = await pool.ConnectAsync();

        BalancerOptions options = new() { Policy = new PickFirstPolicy() };
        foreach (EchoServer server in pool.Servers)
        {
            options.Backends.Add(pool.Describe(server));
        }

        pool.Balancer.Apply(options);

        // The channel hears of it a moment later.
        int inARow = 0;
        while (inARow < 10)
        {
            inARow = (await client.UnaryAsync(new EchoRequest()).ResponseAsync.Soon()).Server == "a" ? inARow + 1 : 0;
        }
    }

    /// <returns>Who has answered; <see langword="null"/> when nobody has.</returns>
    private static async Task<string?> TryCallAsync(Echo.EchoClient client)
    {
        try
        {
            return (await client.UnaryAsync(new EchoRequest()).ResponseAsync.Soon()).Server;
        }
        catch (RpcException)
        {
            return null;
        }
    }
}
