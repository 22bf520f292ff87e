using System.Net;
using LoadBalancing.Client.Http.Tests.Support;
using LoadBalancing.Client.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;

namespace LoadBalancing.Client.Http.Tests.DependencyInjection;

public sealed class RegistrationTests
{
    [Theory]
    [InlineData("named")]
    [InlineData("named with services")]
    [InlineData("named and described elsewhere")]
    [InlineData("named by section")]
    [InlineData("typed")]
    [InlineData("typed with services")]
    [InlineData("typed and described elsewhere")]
    [InlineData("typed by section")]
    [InlineData("typed with implementation")]
    [InlineData("typed with implementation and services")]
    [InlineData("typed with implementation and described elsewhere")]
    [InlineData("typed with implementation by section")]
    public async Task AddLoadBalancedHttpClient_AnyForm_SendsToTheBackends(string form)
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync(context => context.Response.WriteAsync("hello"));
        string address = server.Address.ToString();
        IConfigurationSection section = Section(("Backends:0", address), ("AttemptTimeout", "00:00:03"));
        ServiceCollection services = new();
        void Describe(BalancerBuilder builder) => builder.AddBackends(address);
        void DescribeWith(IServiceProvider provider, BalancerBuilder builder) => builder.AddBackends(provider.GetRequiredService<Uri>().ToString());
        services.AddSingleton(server.Address);
        _ = form switch
        {
            "named" => services.AddLoadBalancedHttpClient("orders", Describe),
            "named with services" => services.AddLoadBalancedHttpClient("orders", DescribeWith),
            "named and described elsewhere" => services.AddLoadBalancer("orders", Describe).AddLoadBalancedHttpClient("orders"),
            "named by section" => services.AddLoadBalancedHttpClient("orders", section),
            "typed" => services.AddLoadBalancedHttpClient<OrdersClient>("orders", Describe),
            "typed with services" => services.AddLoadBalancedHttpClient<OrdersClient>("orders", DescribeWith),
            "typed and described elsewhere" => services.AddLoadBalancer("orders", Describe).AddLoadBalancedHttpClient<OrdersClient>("orders"),
            "typed by section" => services.AddLoadBalancedHttpClient<OrdersClient>("orders", section),
            "typed with implementation" => services.AddLoadBalancedHttpClient<IOrdersClient, OrdersClient>("orders", Describe),
            "typed with implementation and services" => services.AddLoadBalancedHttpClient<IOrdersClient, OrdersClient>("orders", DescribeWith),
            "typed with implementation and described elsewhere" => services.AddLoadBalancer("orders", Describe).AddLoadBalancedHttpClient<IOrdersClient, OrdersClient>("orders"),
            _ => services.AddLoadBalancedHttpClient<IOrdersClient, OrdersClient>("orders", section),
        };
        await using ServiceProvider provider = services.BuildServiceProvider(validateScopes: true);

        HttpClient client = form switch
        {
            _ when form.Contains("implementation", StringComparison.Ordinal) => provider.GetRequiredService<IOrdersClient>().Http,
            _ when form.StartsWith("typed", StringComparison.Ordinal) => provider.GetRequiredService<OrdersClient>().Http,
            _ => provider.GetRequiredService<IHttpClientFactory>().CreateClient("orders"),
        };
        using HttpResponseMessage response = await client.GetAsync("/items");

        (await response.Content.ReadAsStringAsync()).ShouldBe("hello");
        server.Requests.ShouldHaveSingleItem().RawTarget.ShouldBe("/items");
        Balancer balancer = provider.GetRequiredKeyedService<Balancer>("orders");
        response.GetBackend().ShouldBeSameAs(balancer.Backends[0]);
        balancer.Backends[0].InFlight.ShouldBe(0);
        if (form.EndsWith("section", StringComparison.Ordinal))
        {
            balancer.Options.FindFeature<HttpBalancingOptions>()!.AttemptTimeout.ShouldBe(TimeSpan.FromSeconds(3));
        }
    }

    [Theory]
    [InlineData("my service")]
    [InlineData("orders:8080")]
    [InlineData("http://orders")]
    [InlineData("orders/items")]
    [InlineData("")]
    public void AddLoadBalancedHttpClient_NameThatIsNoHost_Throws(string name) =>
        Should.Throw<ArgumentException>(() => new ServiceCollection().AddLoadBalancedHttpClient(name));

    [Fact]
    public async Task AddLoadBalancedHttpClient_PrimaryHandler_SuitsBalancingAndCanBeConfiguredFurther()
    {
        ServiceCollection services = new();
        services.AddLoadBalancedHttpClient("orders", builder => builder.AddBackends("http://10.0.0.1"))
            .UseSocketsHttpHandler((handler, _) => handler.ConnectTimeout = TimeSpan.FromSeconds(7));
        services.AddLoadBalancedHttpClient<OrdersClient>("orders");
        await using ServiceProvider provider = services.BuildServiceProvider();

        HttpMessageHandler handler = provider.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler("orders");

        SocketsHttpHandler primary = Chain(handler).OfType<SocketsHttpHandler>().ShouldHaveSingleItem();
        primary.ConnectTimeout.ShouldBe(TimeSpan.FromSeconds(7));
        primary.PooledConnectionLifetime.ShouldBe(TimeSpan.FromMinutes(5));
        primary.EnableMultipleHttp2Connections.ShouldBeTrue();
        primary.UseCookies.ShouldBeFalse();
        primary.UseProxy.ShouldBeFalse();
        primary.AllowAutoRedirect.ShouldBeFalse();
        provider.GetRequiredService<IOptionsMonitor<HttpClientFactoryOptions>>().Get("orders").HandlerLifetime.ShouldBe(Timeout.InfiniteTimeSpan);
        Chain(handler).OfType<LoadBalancingHandler>().ShouldHaveSingleItem();
        Chain(handler).Count(link => link.GetType().Name.Contains("Logging", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Theory]
    [InlineData("http://legacy.example/v1/", "http://legacy.example/v1/items", true)]
    [InlineData("http://legacy.example/v1/", "http://orders/items", true)]
    [InlineData("http://legacy.example/v1/", "http://other.example/items", false)]
    [InlineData("http://billing/", "http://billing/items", false)]
    [InlineData(null, "http://orders/items", true)]
    public async Task AddLoadBalancing_ExistingClient_BalancesItsBaseAddressAndTheService(string? baseAddress, string uri, bool expected)
    {
        StubHandler stub = new();
        ServiceCollection services = new();
        services.AddLoadBalancer("billing", builder => builder.AddBackends("http://10.0.0.9"));
        services.AddHttpClient("legacy", client => client.BaseAddress = baseAddress is null ? null : new Uri(baseAddress))
            .ConfigurePrimaryHttpMessageHandler(() => stub)
            .AddLoadBalancing("orders", builder => builder.AddBackends("http://10.0.0.1"));
        await using ServiceProvider provider = services.BuildServiceProvider();

        using HttpResponseMessage response = await provider.GetRequiredService<IHttpClientFactory>().CreateClient("legacy").GetAsync(new Uri(uri));

        stub.Uri!.Host.Equals("10.0.0.1", StringComparison.Ordinal).ShouldBe(expected);
    }

    [Fact]
    public async Task AddLoadBalancing_TwoServicesOnOneClient_EachGetsItsOwn()
    {
        StubHandler stub = new();
        ServiceCollection services = new();
        services.AddHttpClient("both")
            .ConfigurePrimaryHttpMessageHandler(() => stub)
            .AddLoadBalancing("orders", builder => builder.AddBackends("http://10.0.0.1"))
            .AddLoadBalancing("billing", (_, builder) => builder.AddBackends("http://10.0.0.2"));
        await using ServiceProvider provider = services.BuildServiceProvider();
        HttpClient client = provider.GetRequiredService<IHttpClientFactory>().CreateClient("both");

        using HttpResponseMessage orders = await client.GetAsync(new Uri("http://orders/"));
        stub.Uri!.Host.ShouldBe("10.0.0.1");
        using HttpResponseMessage billing = await client.GetAsync(new Uri("http://billing/"));
        stub.Uri!.Host.ShouldBe("10.0.0.2");
    }

    [Fact]
    public async Task AddLoadBalancing_AllClients_BalancesTheServiceOfEachOnce()
    {
        StubHandler stub = new();
        ServiceCollection services = new();
        services.ConfigureHttpClientDefaults(defaults => defaults
            .ConfigurePrimaryHttpMessageHandler(() => stub)
            .AddLoadBalancing("orders", builder => builder.AddBackends("http://10.0.0.1")));
        services.AddHttpClient("any", client => client.BaseAddress = new Uri("http://any.example/"));
        services.AddHttpClient("orders", client => client.BaseAddress = new Uri("http://legacy.example/")).AddLoadBalancing("orders");
        await using ServiceProvider provider = services.BuildServiceProvider();
        HttpClient any = provider.GetRequiredService<IHttpClientFactory>().CreateClient("any");

        using HttpResponseMessage ours = await any.GetAsync(new Uri("http://orders/"));
        stub.Uri!.Host.ShouldBe("10.0.0.1");
        using HttpResponseMessage own = await any.GetAsync("/");
        stub.Uri!.Host.ShouldBe("any.example");
        using HttpResponseMessage both = await provider.GetRequiredService<IHttpClientFactory>().CreateClient("orders").GetAsync("/");
        stub.Uri!.Host.ShouldBe("10.0.0.1");
        Chain(provider.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler("orders")).OfType<LoadBalancingHandler>().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task AddLoadBalancing_NobodyDescribesTheService_FailsAtStartAndAtFirstUseAndSaysWhatToCall()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddHttpClient("legacy").AddLoadBalancing("orders");
        using IHost host = builder.Build();

        InvalidOperationException atStart = await Should.ThrowAsync<InvalidOperationException>(() => host.StartAsync());
        InvalidOperationException atUse = Should.Throw<InvalidOperationException>(() => host.Services.GetRequiredService<IHttpClientFactory>().CreateClient("legacy"));

        foreach (InvalidOperationException exception in new[] { atStart, atUse })
        {
            exception.Message.ShouldContain("'legacy'");
            exception.Message.ShouldContain("AddLoadBalancer(\"orders\"");
        }
    }

    [Theory]
    [InlineData("AttemptTimeout", "0")]
    [InlineData("AttemptTimeout", "00:00:00")]
    [InlineData("AttemptTimeout", "10")]
    [InlineData("AttemptTimeout", "2.00:00:00")]
    [InlineData("Authorities:0", "not fine")]
    [InlineData("AttemptTimeouts", "00:00:10")]
    public async Task AddLoadBalancedHttpClient_BadSection_StopsTheHostAndNamesTheValue(string key, string value)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddLoadBalancedHttpClient("orders", Section(("Backends:0", "http://10.0.0.1"), (key, value)));
        using IHost host = builder.Build();

        OptionsValidationException exception = await Should.ThrowAsync<OptionsValidationException>(() => host.StartAsync());

        exception.Message.ShouldContain($"LoadBalancing:orders:{key}");
    }

    [Fact]
    public void AddLoadBalancedHttpClient_AttemptTimeoutIsAPlainNumber_SaysWhatThatWouldMean()
    {
        ServiceCollection services = new();
        services.AddLoadBalancedHttpClient("orders", Section(("Backends:0", "http://10.0.0.1"), ("AttemptTimeout", "10")));
        using ServiceProvider provider = services.BuildServiceProvider();

        Should.Throw<OptionsValidationException>(() => provider.GetRequiredKeyedService<Balancer>("orders")).Message.ShouldBe(
            "LoadBalancing:orders:AttemptTimeout = \"10\": must be a time above 0, at most one day, written like \"00:00:10\" (a number alone would mean days), or \"none\"");
    }

    [Fact]
    public async Task AddLoadBalancedHttpClient_SectionWithoutTimeout_AndAuthorities_AreRead()
    {
        ServiceCollection services = new();
        services.AddLoadBalancedHttpClient("orders", Section(("Backends:0", "http://10.0.0.1"), ("AttemptTimeout", "none"), ("Authorities:0", "a.example"), ("Authorities:1", "b.example:81")));
        await using ServiceProvider provider = services.BuildServiceProvider();

        HttpBalancingOptions options = provider.GetRequiredKeyedService<Balancer>("orders").Options.FindFeature<HttpBalancingOptions>()!;

        options.AttemptTimeout.ShouldBe(Timeout.InfiniteTimeSpan);
        options.Authorities.ShouldBe(["a.example", "b.example:81"]);
    }

    [Fact]
    public async Task AddLoadBalancedHttpClient_ConfigurationReloaded_AppliesToHandlersInUse()
    {
        StubHandler stub = new();
        ConfigurationManager configuration = new();
        configuration["LoadBalancing:orders:Backends:0"] = "http://10.0.0.1";
        ServiceCollection services = new();
        services.AddLoadBalancedHttpClient("orders", configuration.GetSection("LoadBalancing:orders")).ConfigurePrimaryHttpMessageHandler(() => stub);
        await using ServiceProvider provider = services.BuildServiceProvider();
        HttpClient client = provider.GetRequiredService<IHttpClientFactory>().CreateClient("orders");
        using HttpResponseMessage before = await client.GetAsync(new Uri("http://api.example/"));
        stub.Uri!.Host.ShouldBe("api.example");

        configuration["LoadBalancing:orders:Authorities:0"] = "api.example";
        ((IConfigurationRoot)configuration).Reload();
        Balancer balancer = provider.GetRequiredKeyedService<Balancer>("orders");
        balancer.Options.FindFeature<HttpBalancingOptions>().ShouldNotBeNull("a reload from memory is applied before it returns");

        using HttpResponseMessage after = await client.GetAsync(new Uri("http://api.example/"));
        stub.Uri!.Host.ShouldBe("10.0.0.1");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Dispose_Container_DisposesTheBalancerAndNothingIsLeft(bool synchronously)
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync(context => context.Response.WriteAsync("hello"));
        ServiceCollection services = new();
        services.AddLoadBalancedHttpClient("orders", builder => builder.AddBackends(server.Address.ToString()));
        ServiceProvider provider = services.BuildServiceProvider();
        HttpClient client = provider.GetRequiredService<IHttpClientFactory>().CreateClient("orders");
        Balancer balancer = provider.GetRequiredKeyedService<Balancer>("orders");
        HttpResponseMessage open = await client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead);
        BackendState backend = balancer.Backends[0];

        if (synchronously)
        {
            provider.Dispose();
        }
        else
        {
            await provider.DisposeAsync();
        }

        (await open.Content.ReadAsStringAsync()).ShouldBe("hello");
        backend.InFlight.ShouldBe(0);
        await Should.ThrowAsync<ObjectDisposedException>(() => client.GetAsync("/"));
    }

    [Fact]
    public async Task CreateClient_HandlersRotate_ShareOneBalancerThatOutlivesThem()
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync(context => context.Response.WriteAsync("hello"));
        ServiceCollection services = new();
        services.AddLoadBalancedHttpClient("orders", builder => builder.AddBackends(server.Address.ToString()));
        await using ServiceProvider provider = services.BuildServiceProvider();
        Balancer balancer = provider.GetRequiredKeyedService<Balancer>("orders");
        HttpMessageHandler primary = new SocketsHttpHandler();

        for (int i = 0; i < 20; i++)
        {
            using HttpClient client = new(new LoadBalancingHandler(balancer, primary), disposeHandler: i == 19);
            using HttpResponseMessage response = await client.GetAsync(new Uri("http://orders/"));
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        balancer.Backends[0].InFlight.ShouldBe(0);
        balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
        lease.Complete(default);
    }

    private static IConfigurationSection Section(params (string Key, string Value)[] values) => new ConfigurationBuilder()
        .AddInMemoryCollection(values.Select(value => KeyValuePair.Create($"LoadBalancing:orders:{value.Key}", (string?)value.Value)))
        .Build()
        .GetSection("LoadBalancing:orders");

    private static IEnumerable<HttpMessageHandler> Chain(HttpMessageHandler handler)
    {
        for (HttpMessageHandler? link = handler; link is not null; link = (link as DelegatingHandler)?.InnerHandler)
        {
            yield return link;
        }
    }

    private interface IOrdersClient
    {
        HttpClient Http { get; }
    }

#pragma warning disable CA1812 // The container makes it.
    private sealed class OrdersClient(HttpClient http) : IOrdersClient
#pragma warning restore CA1812
    {
        public HttpClient Http { get; } = http;
    }
}
