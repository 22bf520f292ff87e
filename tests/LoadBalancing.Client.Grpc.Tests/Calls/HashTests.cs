using Grpc.Core;
using LoadBalancing.Client.Grpc.Tests.Servers;
using LoadBalancing.Client.Tests.Discovery;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Grpc.Tests.Calls;

/// <summary>Keys in the metadata of calls.</summary>
public sealed class HashTests
{
    [Fact]
    public async Task Key_InMetadata_ReachesTheSameBackendFromEveryClient()
    {
        await using EchoPool pool = await EchoPool.StartAsync(4, balancer => balancer.UsePolicy(new RingHashPolicy()).HashOn(key => key.Header("x-user")));
        Echo.EchoClient first = await pool.ConnectAsync();
        Echo.EchoClient second = await pool.ConnectAsync();
        using HttpMessageInvoker http = new(new LoadBalancingHandler(pool.Balancer, new SocketsHttpHandler()));

        HashSet<string> servers = [];
        for (int user = 0; user < 40; user++)
        {
            Metadata headers = new() { { "x-user", $"user-{user}" } };
            string server = (await first.UnaryAsync(new EchoRequest(), headers).ResponseAsync.Soon()).Server;
            (await second.UnaryAsync(new EchoRequest(), headers).ResponseAsync.Soon()).Server.ShouldBe(server);
            (await second.Watch(new EchoRequest(), headers).ResponseStream.ReadAllAsync().FirstAsync()).Server.ShouldBe(server);

            using HttpRequestMessage request = new(HttpMethod.Get, "http://orders/") { Version = new Version(2, 0), VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            request.Headers.Add("X-User", $"user-{user}");
            using HttpResponseMessage response = await http.SendAsync(request, CancellationToken.None).Soon();
            response.GetBackend()!.Id.ShouldBe(server);
            servers.Add(server);
        }

        servers.Count.ShouldBe(4);
    }

    [Fact]
    public async Task Key_InThePath_IsTheMethod()
    {
        await using EchoPool pool = await EchoPool.StartAsync(4, balancer => balancer.UsePolicy(new MaglevPolicy()).HashOn(key => key.PathSegment(1)));
        Echo.EchoClient client = pool.CreateClient();
        string expected = pool.Balancer.GetBackends(PickRequest.ForKey("Unary"), 1)[0].Id;

        // Until the channel is connected to the backend of the key, it goes to another one.
        while ((await client.UnaryAsync(new EchoRequest()).ResponseAsync.Soon()).Server != expected)
        {
        }

        for (int i = 0; i < 20; i++)
        {
            (await client.UnaryAsync(new EchoRequest()).ResponseAsync.Soon()).Server.ShouldBe(expected);
        }
    }
}
