using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Balancer;
using Grpc.Net.Client.Configuration;
using LoadBalancing.Client.Grpc.Tests.Servers;
using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Discovery;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Grpc.Tests.Channels;

/// <summary>What it takes to make a balanced channel, and what is said when that cannot be.</summary>
public sealed class SetUpTests : IDisposable
{
    private readonly ServiceProvider _provider = new ServiceCollection()
        .AddLoadBalancer("orders", balancer => balancer.AddBackends("http://127.0.0.1:1"))
        .AddLoadBalancer("stock", balancer => balancer.AddBackends("http://127.0.0.1:1"))
        .BuildServiceProvider();

    [Fact]
    public void Channel_ForANameThatNobodyHas_FailsAndNamesThoseThatThereAre() =>
        Fail("lb:///ordrs").ShouldBe("Channel lb:///ordrs: no balancer has the name 'ordrs'. Describe it: services.AddLoadBalancer(\"ordrs\", …). Registered are: orders, stock.");

    [Fact]
    public void Channel_WhereNoBalancerIsRegistered_FailsAndSaysSo()
    {
        using ServiceProvider empty = new ServiceCollection().BuildServiceProvider();

        Should.Throw<InvalidOperationException>(() => GrpcChannel.ForAddress("lb:///orders", new GrpcChannelOptions().UseLoadBalancing(empty))).Message.ShouldEndWith("None is registered.");
    }

    [Theory]
    [InlineData("lb://orders")]
    [InlineData("lb:///")]
    [InlineData("lb:///orders?zone=1")]
    public void Channel_ForAnotherKindOfAddress_FailsAndShowsTheRightOne(string address) => Fail(address).ShouldEndWith("the address of a balanced channel is lb:///name, with three slashes, for example lb:///orders.");

    [Fact]
    public void UseLoadBalancing_WithAnHttpClient_Throws()
    {
        using HttpClient client = new();

        Should.Throw<InvalidOperationException>(() => new GrpcChannelOptions { HttpClient = client }.UseLoadBalancing(_provider)).Message.ShouldContain("HttpClient");
    }

    [Fact]
    public void UseLoadBalancing_WithAHandlerThatIsNotBasedOnSockets_Throws()
    {
        using HttpClientHandler handler = new();

        Should.Throw<InvalidOperationException>(() => new GrpcChannelOptions { HttpHandler = handler }.UseLoadBalancing(_provider)).Message.ShouldContain("SocketsHttpHandler");
    }

    [Fact]
    public void Channel_WhoseHandlerWasReplaced_FailsAndSaysSo()
    {
        using SocketsHttpHandler handler = new();
        GrpcChannelOptions options = new GrpcChannelOptions().UseLoadBalancing(_provider);
        options.HttpHandler = handler;

        Should.Throw<InvalidOperationException>(() => GrpcChannel.ForAddress("lb:///orders", options)).Message.ShouldContain("HttpHandler was replaced after UseLoadBalancing");
    }

    [Fact]
    public void Channel_WithoutResolverConfigWhoseConfigWasReplaced_FailsAndSaysSo()
    {
        GrpcChannelOptions options = new GrpcChannelOptions { DisableResolverServiceConfig = true }.UseLoadBalancing(_provider);
        options.ServiceConfig = new ServiceConfig();

        Should.Throw<InvalidOperationException>(() => GrpcChannel.ForAddress("lb:///orders", options)).Message.ShouldContain("ServiceConfig was replaced after UseLoadBalancing");
    }

    [Fact]
    public void UseLoadBalancing_WithAConfig_LeavesItAsItIs()
    {
        MethodConfig retried = new() { Names = { MethodName.Default } };
        RetryThrottlingPolicy throttling = new() { MaxTokens = 10, TokenRatio = 0.1 };
        ServiceConfig own = new() { MethodConfigs = { retried }, LoadBalancingConfigs = { new RoundRobinConfig() }, RetryThrottling = throttling };

        GrpcChannelOptions options = new GrpcChannelOptions { ServiceConfig = own }.UseLoadBalancing(_provider);

        own.LoadBalancingConfigs.ShouldHaveSingleItem().ShouldBeOfType<RoundRobinConfig>();
        options.ServiceConfig!.MethodConfigs.Count.ShouldBe(1);
        options.ServiceConfig.RetryThrottling!.MaxTokens.ShouldBe(10);
        options.ServiceConfig.LoadBalancingConfigs.Count.ShouldBe(1);
    }

    [Fact]
    public void UseLoadBalancing_Twice_IsAsOnce()
    {
        GrpcChannelOptions options = new GrpcChannelOptions().UseLoadBalancing(_provider);
        HttpMessageHandler? handler = options.HttpHandler;
        ServiceConfig? config = options.ServiceConfig;

        options.UseLoadBalancing(_provider);

        options.HttpHandler.ShouldBeSameAs(handler);
        options.ServiceConfig.ShouldBeSameAs(config);
        using GrpcChannel channel = GrpcChannel.ForAddress("lb:///orders", options);
    }

    [Fact]
    public void UseLoadBalancing_WithAProvider_KeepsWhatItHas()
    {
        OwnResolverFactory own = new();
        using ServiceProvider provider = new ServiceCollection().AddSingleton<ResolverFactory>(own).AddSingleton("text").BuildServiceProvider();

        GrpcChannelOptions options = new GrpcChannelOptions { ServiceProvider = provider }.UseLoadBalancing(_provider);

        options.ServiceProvider!.GetServices<ResolverFactory>().Select(factory => factory.Name).ShouldBe(["lb", "own"]);
        options.ServiceProvider!.GetServices<LoadBalancerFactory>().ShouldHaveSingleItem();
        options.ServiceProvider!.GetService<string>().ShouldBe("text");
    }

    [Fact]
    public async Task Channel_OfOptionsThatWereChangedAfterwards_BalancesAllTheSame()
    {
        // The resolver names the policy too.
        await using EchoPool pool = await EchoPool.StartAsync(1);
        GrpcChannelOptions options = new GrpcChannelOptions().UseLoadBalancing(pool.Services);
        options.ServiceConfig = new ServiceConfig { LoadBalancingConfigs = { new RoundRobinConfig() } };
        using GrpcChannel channel = GrpcChannel.ForAddress("lb:///orders", options);

        (await new Echo.EchoClient(channel).UnaryAsync(new EchoRequest()).ResponseAsync.Soon()).Server.ShouldBe("a");
    }

    [Fact]
    public async Task Channel_WithoutResolverConfig_Balances()
    {
        await using EchoPool pool = await EchoPool.StartAsync(1);
        using GrpcChannel channel = GrpcChannel.ForAddress("lb:///orders", new GrpcChannelOptions { DisableResolverServiceConfig = true }.UseLoadBalancing(pool.Services));

        (await new Echo.EchoClient(channel).UnaryAsync(new EchoRequest()).ResponseAsync.Soon()).Server.ShouldBe("a");
    }

    [Fact]
    public async Task Channel_WithAHandlerThatServiceDiscoveryHasMarked_Balances()
    {
        await using EchoPool pool = await EchoPool.StartAsync(1);
        GrpcChannel channel = pool.CreateChannel(configure: handler => handler.Properties["__GrpcLoadBalancingDisabled"] = true);

        (await new Echo.EchoClient(channel).UnaryAsync(new EchoRequest()).ResponseAsync.Soon()).Server.ShouldBe("a");
    }

    [Fact]
    public async Task Channels_ThatShareAHandler_BothBalance()
    {
        await using EchoPool pool = await EchoPool.StartAsync(1);
        using SocketsHttpHandler handler = new();
        using GrpcChannel first = GrpcChannel.ForAddress("lb:///orders", new GrpcChannelOptions { HttpHandler = handler }.UseLoadBalancing(pool.Services));
        (await new Echo.EchoClient(first).UnaryAsync(new EchoRequest()).ResponseAsync.Soon()).Server.ShouldBe("a");

        // Not even when the first one has sent something.
        using GrpcChannel second = GrpcChannel.ForAddress("lb:///orders", new GrpcChannelOptions { HttpHandler = handler }.UseLoadBalancing(pool.Services));
        (await new Echo.EchoClient(second).UnaryAsync(new EchoRequest()).ResponseAsync.Soon()).Server.ShouldBe("a");
    }

    [Fact]
    public async Task Handler_WithAFilterOfItsOwn_KeepsIt()
    {
        int connections = 0;
        await using EchoPool pool = await EchoPool.StartAsync(1);
        GrpcChannel channel = pool.CreateChannel(configure: handler => handler.PlaintextStreamFilter = (context, _) =>
        {
            Interlocked.Increment(ref connections);
            return ValueTask.FromResult(context.PlaintextStream);
        });

        await new Echo.EchoClient(channel).UnaryAsync(new EchoRequest()).ResponseAsync.Soon();

        connections.ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Tls_FromTheBackendOrFromTheChannel_ChecksTheHostName(bool fromChannel)
    {
        using var certificate = TestCertificates.CreateSelfSigned("orders.example");
        await using EchoServer server = await EchoServer.StartAsync("a", certificate);
        string scheme = fromChannel ? "tcp" : "https";
        await using EchoPool pool = await EchoPool.StartAsync(0, balancer => balancer.AddBackends(new Backend($"{scheme}://127.0.0.1:{server.Address.Port}") { HostName = "orders.example" }));
        using SocketsHttpHandler handler = new();
        handler.SslOptions.RemoteCertificateValidationCallback = TestCertificates.TrustOnly(certificate);
        GrpcChannelOptions options = new() { HttpHandler = handler, Credentials = fromChannel ? ChannelCredentials.SecureSsl : null };
        using GrpcChannel channel = GrpcChannel.ForAddress("lb:///orders", options.UseLoadBalancing(pool.Services));

        (await new Echo.EchoClient(channel).UnaryAsync(new EchoRequest()).ResponseAsync.Soon()).Server.ShouldBe("a");

        RecordedRequest request = server.Loopback.Requests.ShouldHaveSingleItem();
        request.TlsServerName.ShouldBe("orders.example");
        request.Host.ShouldBe($"orders.example:{server.Address.Port}");
    }

    [Fact]
    public async Task Tls_AskedForByTheChannel_IsNotTakenAwayByABackend()
    {
        await using EchoPool pool = await EchoPool.StartAsync(1);
        using GrpcChannel channel = GrpcChannel.ForAddress("lb:///orders", new GrpcChannelOptions { Credentials = ChannelCredentials.SecureSsl }.UseLoadBalancing(pool.Services));

        await Assert.ThrowsAsync<RpcException>(() => new Echo.EchoClient(channel).UnaryAsync(new EchoRequest()).ResponseAsync.Soon());

        pool.Servers[0].Loopback.RequestCount.ShouldBe(0);
    }

    [Theory]
    [InlineData("/base", "/base/loadbalancing.tests.Echo/Unary")]
    [InlineData("/base/", "/base/loadbalancing.tests.Echo/Unary")]
    [InlineData("/", "/loadbalancing.tests.Echo/Unary")]
    public async Task Backend_WithABasePath_KeepsIt(string path, string expected)
    {
        await using EchoServer server = await EchoServer.StartAsync("a");
        await using EchoPool pool = await EchoPool.StartAsync(0, balancer => balancer.AddBackends(new Backend(new Uri(server.Address, path))));

        await Record.ExceptionAsync(() => pool.CreateClient().UnaryAsync(new EchoRequest()).ResponseAsync.Soon());

        server.Loopback.Requests.ShouldHaveSingleItem().RawTarget.ShouldBe(expected);
    }

    public void Dispose() => _provider.Dispose();

    private string Fail(string address) =>
        Should.Throw<InvalidOperationException>(() => GrpcChannel.ForAddress(address, new GrpcChannelOptions().UseLoadBalancing(_provider))).Message;

    private sealed class OwnResolverFactory : ResolverFactory
    {
        public override string Name => "own";

        public override Resolver Create(ResolverOptions options) => throw new NotSupportedException();
    }
}
