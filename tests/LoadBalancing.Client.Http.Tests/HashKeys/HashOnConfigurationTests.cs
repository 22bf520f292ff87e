using LoadBalancing.Client.Http.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace LoadBalancing.Client.Http.Tests.HashKeys;

public sealed class HashOnConfigurationTests
{
    private const string Allowed =
        "must be one of header:<name>, cookie:<name>, query:<name>, path:<segment, from 0>, client-address, client-address:x-forwarded-for";

    [Theory]
    [InlineData("header:X-User", "somebody")]
    [InlineData("HEADER:x-user", "somebody")]
    [InlineData("cookie:sid", "abc")]
    [InlineData("query:id", "7")]
    [InlineData("query:a:b", "colon")]
    [InlineData("path:1", "42")]
    [InlineData("client-address", "10.1.2.3")]
    [InlineData("Client-Address:X-Forwarded-For", "10.1.2.3")]
    public async Task HashOn_InTheSection_FindsTheKey(string spelling, string expected)
    {
        RecordingPolicy policy = new();
        await using ServiceProvider provider = Build(policy, ("HashOn:0", spelling));
        using HttpRequestMessage request = CreateRequest();
        request.SetClientAddress("10.1.2.3");

        await SendAsync(provider, request);

        policy.Hashes.ShouldBe([PickRequest.ForKey(expected).Hash]);
    }

    [Fact]
    public async Task HashOn_SeveralInTheSectionAndInCode_FirstThatHasAKeyWins()
    {
        RecordingPolicy policy = new();
        ServiceCollection services = new();
        services.AddLoadBalancedHttpClient("orders", Section(("Backends:0", "http://10.0.0.1"), ("HashOn:0", "header:X-None"), ("HashOn:1", "cookie:none")))
            .ConfigurePrimaryHttpMessageHandler(() => new StubHandler());
        services.AddLoadBalancer("orders", builder => builder.UsePolicy(policy).HashOn(key => key.Query("id").Header("X-User")));
        await using ServiceProvider provider = services.BuildServiceProvider();
        using HttpRequestMessage request = CreateRequest();

        await SendAsync(provider, request);

        policy.Hashes.ShouldBe([PickRequest.ForKey("7").Hash]);
    }

    [Theory]
    [InlineData("hedder:X-User")]
    [InlineData("X-User")]
    [InlineData("")]
    [InlineData("header")]
    [InlineData("header:")]
    [InlineData("header: X-User")]
    [InlineData("cookie:")]
    [InlineData("cookie:a=b")]
    [InlineData("query:")]
    [InlineData("query:a&b")]
    [InlineData("path")]
    [InlineData("path:-1")]
    [InlineData("path:one")]
    [InlineData("path:99999999999")]
    [InlineData("client-address:")]
    [InlineData("client-address:forwarded")]
    [InlineData("custom:x")]
    public async Task HashOn_UnknownSpelling_StopsTheHostAndListsWhatIsAllowed(string spelling)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddLoadBalancedHttpClient("orders", Section(("Backends:0", "http://10.0.0.1"), ("HashOn:0", "header:fine"), ("HashOn:1", spelling)));
        using IHost host = builder.Build();

        OptionsValidationException exception = await Should.ThrowAsync<OptionsValidationException>(() => host.StartAsync());

        exception.Failures.ShouldBe([$"LoadBalancing:orders:HashOn:1 = \"{spelling}\": {Allowed}"]);
    }

    [Fact]
    public void HashOn_PlainValue_IsRefusedAndShowsAList()
    {
        using ServiceProvider provider = Build(new RecordingPolicy(), ("HashOn", "header:X-User"));

        Should.Throw<OptionsValidationException>(() => provider.GetRequiredKeyedService<Balancer>("orders")).Failures.ShouldBe(
            ["LoadBalancing:orders:HashOn = \"header:X-User\": must be a list, such as [ \"header:X-User\", \"cookie:sid\" ]"]);
    }

    [Fact]
    public async Task HashOn_Reloaded_AppliesToHandlersInUse()
    {
        RecordingPolicy policy = new();
        ConfigurationManager configuration = new();
        configuration["LoadBalancing:orders:Backends:0"] = "http://10.0.0.1";
        ServiceCollection services = new();
        services.AddLoadBalancedHttpClient("orders", configuration.GetSection("LoadBalancing:orders")).ConfigurePrimaryHttpMessageHandler(() => new StubHandler());
        services.AddLoadBalancer("orders", builder => builder.UsePolicy(policy));
        await using ServiceProvider provider = services.BuildServiceProvider();
        Balancer balancer = provider.GetRequiredKeyedService<Balancer>("orders");
        HttpClient client = provider.GetRequiredService<IHttpClientFactory>().CreateClient("orders");

        foreach (string? spelling in new[] { null, "header:X-User", "nonsense", "query:id" })
        {
            BalancerOptions inForce = balancer.Options;
            configuration["LoadBalancing:orders:HashOn:0"] = spelling;
            ((IConfigurationRoot)configuration).Reload();
            if (spelling is not (null or "nonsense"))
            {
                balancer.Options.ShouldNotBeSameAs(inForce, "a reload from memory is applied before it returns");
            }

            using HttpRequestMessage request = CreateRequest();
            using HttpResponseMessage response = await client.SendAsync(request);
        }

        // What is wrong changes nothing.
        policy.Hashes.ShouldBe([null, PickRequest.ForKey("somebody").Hash, PickRequest.ForKey("somebody").Hash, PickRequest.ForKey("7").Hash]);
    }

    [Theory]
    [InlineData(null, "10.1.2.3")]
    [InlineData("header:X-User", "somebody")]
    [InlineData("header:X-None", null)]
    public void IpHash_HashOnOrNot_ClientAddressIsTheDefaultOnly(string? spelling, string? expected)
    {
        ServiceCollection services = new();
        services.AddLoadBalancedHttpClient("orders", Section(("Backends:0", "http://10.0.0.1"), ("Policy", "ip_hash"), ("HashOn:0", spelling)));
        using ServiceProvider provider = services.BuildServiceProvider();
        Balancer balancer = provider.GetRequiredKeyedService<Balancer>("orders");
        using HttpRequestMessage request = CreateRequest();
        request.SetClientAddress("10.1.2.3");
        using LoadBalancingHandler handler = new(balancer);
        HttpBalancingSettings settings = handler.Settings;
        settings.Authorities.TryMatch(request.RequestUri!, out var target).ShouldBeTrue();

        settings.CreatePick(request, target).Hash.ShouldBe(expected is null ? null : PickRequest.ForKey(expected).Hash);
    }

    [Fact]
    public async Task IpHash_InConfiguration_IsMaglevOnTheClientAddressInCode()
    {
        string[] addresses = [.. Enumerable.Range(1, 10).Select(index => $"http://10.0.0.{index}:8080")];
        ServiceCollection services = new();
        services.AddLoadBalancedHttpClient("orders", Section([("Policy", "ip_hash"), .. addresses.Select((address, index) => ($"Backends:{index}", (string?)address))]))
            .ConfigurePrimaryHttpMessageHandler(() => new StubHandler());
        services.AddLoadBalancedHttpClient("items", builder => builder.AddBackends(addresses).UsePolicy(new MaglevPolicy()).HashOn(key => key.ClientAddress()))
            .ConfigurePrimaryHttpMessageHandler(() => new StubHandler());
        await using ServiceProvider provider = services.BuildServiceProvider();

        HashSet<string> served = [];
        for (int client = 0; client < 200; client++)
        {
            string backend = await FindBackendAsync(provider, "orders", $"192.0.2.{client}");
            (await FindBackendAsync(provider, "items", $"192.0.2.{client}")).ShouldBe(backend);
            served.Add(backend);
        }

        served.Count.ShouldBe(10);
    }

    private static async Task<string> FindBackendAsync(ServiceProvider provider, string service, string clientAddress)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, $"http://{service}/");
        request.SetClientAddress(clientAddress);
        using HttpResponseMessage response = await provider.GetRequiredService<IHttpClientFactory>().CreateClient(service).SendAsync(request);
        return response.GetBackend().ShouldNotBeNull().Description.Address.ToString();
    }

    private static async Task SendAsync(ServiceProvider provider, HttpRequestMessage request)
    {
        HttpClient client = provider.GetRequiredService<IHttpClientFactory>().CreateClient("orders");
        using HttpResponseMessage response = await client.SendAsync(request);
    }

    private static HttpRequestMessage CreateRequest()
    {
        HttpRequestMessage request = new(HttpMethod.Get, "http://orders/users/42?a:b=colon&id=7");
        request.Headers.Add("X-User", "somebody");
        request.Headers.Add("Cookie", "sid=abc");
        return request;
    }

    private static ServiceProvider Build(RecordingPolicy policy, params (string Key, string? Value)[] values)
    {
        ServiceCollection services = new();
        services.AddLoadBalancedHttpClient("orders", Section([("Backends:0", "http://10.0.0.1"), .. values])).ConfigurePrimaryHttpMessageHandler(() => new StubHandler());
        services.AddLoadBalancer("orders", builder => builder.UsePolicy(policy));
        return services.BuildServiceProvider();
    }

    private static IConfigurationSection Section(params (string Key, string? Value)[] values) => new ConfigurationBuilder()
        .AddInMemoryCollection(values.Select(value => KeyValuePair.Create($"LoadBalancing:orders:{value.Key}", value.Value)))
        .Build()
        .GetSection("LoadBalancing:orders");
}
