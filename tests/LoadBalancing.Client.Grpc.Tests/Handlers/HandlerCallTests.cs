using System.Net;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client.Configuration;
using LoadBalancing.Client.Grpc.Tests.Servers;
using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Discovery;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Grpc.Tests.Handlers;

/// <summary>Calls of every kind through handlers: where they go, and how long they count.</summary>
public sealed class HandlerCallTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Calls_OfEveryKind_CountUntilTheyEnd(bool hasTls)
    {
        using X509Certificate2? certificate = hasTls ? TestCertificates.CreateSelfSigned("orders.example") : null;
        await using HandlerPool pool = await HandlerPool.StartAsync(1, certificate: certificate);
        Echo.EchoClient client = pool.CreateClient();

        (await client.UnaryAsync(new EchoRequest { Text = "one" }).ResponseAsync.Soon()).ShouldBe(new EchoReply { Text = "one", Server = "a" });
        pool.InFlight.ShouldBe([0]);

        using AsyncClientStreamingCall<EchoRequest, EchoReply> collect = client.Collect();
        await collect.ResponseHeadersAsync.Soon();
        pool.InFlight.ShouldBe([1]);
        await collect.RequestStream.WriteAsync(new EchoRequest { Text = "two" }).Soon();
        await collect.RequestStream.CompleteAsync().Soon();
        (await collect.ResponseAsync.Soon()).Text.ShouldBe("two");
        pool.InFlight.ShouldBe([0]);

        using AsyncServerStreamingCall<EchoReply> watch = client.Watch(new EchoRequest { Text = "three" });
        (await watch.ResponseStream.MoveNext(CancellationToken.None).Soon()).ShouldBeTrue();
        pool.InFlight.ShouldBe([1]);
        pool.Servers[0].EndStreams();
        (await watch.ResponseStream.MoveNext(CancellationToken.None).Soon()).ShouldBeFalse();
        pool.InFlight.ShouldBe([0]);

        using AsyncDuplexStreamingCall<EchoRequest, EchoReply> chat = client.Chat();
        await chat.RequestStream.WriteAsync(new EchoRequest { Text = "four" }).Soon();
        (await chat.ResponseStream.MoveNext(CancellationToken.None).Soon()).ShouldBeTrue();
        chat.ResponseStream.Current.Text.ShouldBe("four");
        pool.InFlight.ShouldBe([1]);
        await chat.RequestStream.CompleteAsync().Soon();
        (await chat.ResponseStream.MoveNext(CancellationToken.None).Soon()).ShouldBeFalse();
        pool.InFlight.ShouldBe([0]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Streams_OpenedOneAfterAnother_CountUntilTheyEnd(bool fullScan)
    {
        const int streams = 100;
        await using HandlerPool pool = await HandlerPool.StartAsync(4, balancer => balancer.UsePolicy(new LeastRequestPolicy { FullScan = fullScan }));
        Echo.EchoClient client = pool.CreateClient();

        List<AsyncServerStreamingCall<EchoReply>> calls = [];
        for (int i = 0; i < streams; i++)
        {
            AsyncServerStreamingCall<EchoReply> call = client.Watch(new EchoRequest());
            (await call.ResponseStream.MoveNext(CancellationToken.None).Soon()).ShouldBeTrue();
            calls.Add(call);
        }

        int tolerance = fullScan ? 0 : 5;
        pool.InFlight.ShouldAllBe(count => Math.Abs(count - (streams / 4)) <= tolerance);

        // Half are read to their end, half are disposed.
        calls.Take(streams / 2).ToList().ForEach(call => call.Dispose());
        Array.ForEach(pool.Servers, server => server.EndStreams());
        foreach (AsyncServerStreamingCall<EchoReply> call in calls.Skip(streams / 2))
        {
            (await call.ResponseStream.MoveNext(CancellationToken.None).Soon()).ShouldBeFalse();
        }

        await Wait.UntilAsync(() => pool.InFlight.All(count => count == 0));
    }

    /// <summary>The handler's channel, the balanced channel and an ordinary HTTP client look at the same counts.</summary>
    [Fact]
    public async Task Calls_OfAllThreeWays_ShareOneBalancer()
    {
        await using HandlerPool pool = await HandlerPool.StartAsync(2, balancer => balancer.UsePolicy(new LeastRequestPolicy { FullScan = true }));
        Echo.EchoClient throughHandlers = pool.CreateClient();
        Echo.EchoClient ofChannel = pool.CreateClientOfBalancedChannel();

        // A balanced channel picks among those it is connected to.
        HashSet<string> connected = [];
        while (connected.Count < 2)
        {
            connected.Add((await ofChannel.UnaryAsync(new EchoRequest()).ResponseAsync.Soon()).Server);
        }

        for (int i = 0; i < 20; i++)
        {
            (await (i % 2 == 0 ? throughHandlers : ofChannel).Watch(new EchoRequest()).ResponseStream.MoveNext(CancellationToken.None).Soon()).ShouldBeTrue();
        }

        pool.InFlight.ShouldBe([10, 10]);
        using HttpClient http = pool.HttpClient;
        http.DefaultRequestVersion = HttpVersion.Version20;
        http.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        pool.Balancer.Isolate("a");
        using HttpResponseMessage response = await http.GetAsync("/").Soon();
        response.GetBackend()!.Id.ShouldBe("b");
    }

    [Fact]
    public async Task Hash_ByMetadata_IsThatOfHttpClient()
    {
        await using HandlerPool pool = await HandlerPool.StartAsync(4, balancer => balancer.UsePolicy(new RingHashPolicy()).HashOn(key => key.Header("x-user")));
        Echo.EchoClient client = pool.CreateClient();
        Echo.EchoClient other = pool.CreateClient();
        using HttpClient http = pool.HttpClient;
        HashSet<string> seen = [];
        for (int i = 0; i < 40; i++)
        {
            Metadata metadata = new() { { "x-user", $"user-{i}" } };
            string server = (await client.UnaryAsync(new EchoRequest(), metadata).ResponseAsync.Soon()).Server;
            seen.Add(server);

            (await other.UnaryAsync(new EchoRequest(), metadata).ResponseAsync.Soon()).Server.ShouldBe(server);
            using HttpRequestMessage request = new(HttpMethod.Get, "/") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            request.Headers.Add("x-user", $"user-{i}");
            using HttpResponseMessage response = await http.SendAsync(request).Soon();
            response.GetBackend()!.Id.ShouldBe(server);
        }

        seen.Count.ShouldBe(4);
    }

    /// <summary>Each attempt of gRPC's own retries is a pick of its own.</summary>
    [Fact]
    public async Task Retries_OfTheServiceConfig_ArePickedAnew()
    {
        await using HandlerPool pool = await HandlerPool.StartAsync(2, balancer => balancer.UsePolicy(new RoundRobinPolicy()).UseCircuitBreaker(breaker => breaker.Enabled = false));
        Echo.EchoClient client = pool.CreateClient(new ServiceConfig
        {
            MethodConfigs =
            {
                new MethodConfig
                {
                    Names = { MethodName.Default },
                    RetryPolicy = new RetryPolicy
                    {
                        MaxAttempts = 4,
                        InitialBackoff = TimeSpan.FromMilliseconds(1),
                        MaxBackoff = TimeSpan.FromMilliseconds(1),
                        BackoffMultiplier = 1,
                        RetryableStatusCodes = { StatusCode.Unavailable },
                    },
                },
            },
        });
        pool.Servers[0].FailWith(StatusCode.Unavailable);

        for (int i = 0; i < 20; i++)
        {
            (await client.UnaryAsync(new EchoRequest()).ResponseAsync.Soon()).Server.ShouldBe("b");
        }

        pool.InFlight.ShouldBe([0, 0]);
    }

    /// <summary>Whatever the primary handler is: gRPC must not take its connections over.</summary>
    [Theory]
    [InlineData("default")]
    [InlineData("SocketsHttpHandler")]
    [InlineData("replaced later")]
    [InlineData("HttpClientHandler")]
    [InlineData("of AddLoadBalancedHttpClient")]
    [InlineData("by hand")]
    public async Task Channel_OverAnyPrimaryHandler_IsBalanced(string kind)
    {
        await using EchoServer server = await EchoServer.StartAsync("a");
        ServiceCollection services = new();
        services.AddLoadBalancer("orders", balancer => balancer.AddBackends(new Backend(server.Address)));
        IHttpClientBuilder client = kind == "of AddLoadBalancedHttpClient" ? services.AddLoadBalancedHttpClient("orders") : services.AddHttpClient("orders");
        _ = kind switch
        {
            "SocketsHttpHandler" => client.ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler()).AddLoadBalancing("orders"),
            "replaced later" => client.AddLoadBalancing("orders").ConfigurePrimaryHttpMessageHandler(() => new PassingHandler(new SocketsHttpHandler())),
            "HttpClientHandler" => client.AddLoadBalancing("orders").ConfigurePrimaryHttpMessageHandler(() => new HttpClientHandler()),
            "of AddLoadBalancedHttpClient" => client,
            _ => client.AddLoadBalancing("orders"),
        };
        await using ServiceProvider provider = services.BuildServiceProvider();
        HttpMessageHandler handler = kind == "by hand"
            ? new LoadBalancingHandler(provider.GetRequiredKeyedService<Balancer>("orders"), new PassingHandler(new SocketsHttpHandler()))
            : provider.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler("orders");
        using global::Grpc.Net.Client.GrpcChannel channel = global::Grpc.Net.Client.GrpcChannel.ForAddress("http://orders", new global::Grpc.Net.Client.GrpcChannelOptions { HttpHandler = handler });

        (await new Echo.EchoClient(channel).UnaryAsync(new EchoRequest()).ResponseAsync.Soon()).Server.ShouldBe("a");
    }

    /// <summary>A client that is not balanced is not touched.</summary>
    [Fact]
    public void Handler_OfAnotherClient_IsLeftToGrpc()
    {
        using SocketsHttpHandler handler = new();
        ServiceCollection services = new();
        services.AddHttpClient("orders").AddLoadBalancing("orders", balancer => balancer.AddBackends("http://127.0.0.1:1"));
        services.AddHttpClient("other").ConfigurePrimaryHttpMessageHandler(() => handler);
        using ServiceProvider provider = services.BuildServiceProvider();

        provider.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler("other");

        handler.Properties.ShouldBeEmpty();
    }

    private sealed class PassingHandler(HttpMessageHandler inner) : DelegatingHandler(inner);
}
