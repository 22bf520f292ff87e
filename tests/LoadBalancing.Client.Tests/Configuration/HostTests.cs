using LoadBalancing.Client.DependencyInjection.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LoadBalancing.Client.Tests.Configuration;

public sealed class HostTests
{
    [Fact]
    public async Task AddLoadBalancer_Section_IsAKeyedBalancerThatStartsWithTheHost()
    {
        HostApplicationBuilder builder = HostBuilder(EditableJson.InOrders(""" "Policy": "round_robin", "Backends": { "a": "http://10.0.0.1:80" } """));
        builder.Services.AddLoadBalancer("orders", builder.Configuration.GetSection("LoadBalancing:orders"));
        using IHost host = builder.Build();

        await host.StartAsync();

        Balancer balancer = host.Services.GetRequiredKeyedService<Balancer>("orders");
        balancer.Options.Policy.ShouldBeOfType<RoundRobinPolicy>();
        balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
        lease.Complete(Outcome.Succeeded);
        await host.StopAsync();
    }

    [Fact]
    public async Task StartAsync_BadSection_FailsWithOneMessage()
    {
        HostApplicationBuilder builder = HostBuilder(EditableJson.InOrders(""" "Backends": { "a": { "Address": "http://10.0.0.1:80", "Weight": -1 } } """));
        builder.Services.AddLoadBalancer("orders", builder.Configuration.GetSection("LoadBalancing:orders"));
        using IHost host = builder.Build();

        OptionsValidationException exception = await Should.ThrowAsync<OptionsValidationException>(() => host.StartAsync());

        exception.Message.ShouldBe("LoadBalancing:orders:Backends:a:Weight = \"-1\": must be a finite number, 0 or more");
    }

    [Fact]
    public async Task StartAsync_SeveralBadSections_NamesTheProblemsOfAll()
    {
        HostApplicationBuilder builder = HostBuilder("""{ "LoadBalancing": { "orders": { "Backends": 1 }, "good": { "Backends": {} }, "stock": { "Extra": 1, "Backends": {} } } }""");
        foreach (string name in (string[])["orders", "good", "stock", "absent"])
        {
            builder.Services.AddLoadBalancer(name, builder.Configuration.GetSection($"LoadBalancing:{name}"));
        }

        using IHost host = builder.Build();

        OptionsValidationException exception = await Should.ThrowAsync<OptionsValidationException>(() => host.StartAsync());

        exception.Failures.ShouldBe(
        [
            "LoadBalancing:orders:Backends = \"1\": must be a map from id to address or object, or a list of these",
            $"LoadBalancing:stock:Extra: unknown key; allowed: {SectionKeys.OfTheEngine}",
            "LoadBalancing:absent: the section is missing or empty; it needs Backends or Dns",
        ]);
    }

    [Fact]
    public void AddLoadBalancer_ReadersAndPoliciesOfOtherPackages_AddTheirKeysAndNames()
    {
        ServiceCollection services = new();
        services.AddSingleton<IBalancerSectionReader, TimeoutReader>();
        services.AddSingleton(new PolicyRegistration("mine", options => new MyPolicy(options.ReadString("Color") ?? "red")));
        services.AddLoadBalancer("orders", EditableJson.Orders(""" "AttemptTimeout": "00:00:03", "Policy": "mine", "PolicyOptions": { "Color": "blue" }, "Backends": {} """));
        services.AddLoadBalancer("stock", (_, balancer) => balancer.UseConfiguration(EditableJson.Orders(""" "AttemptTimeout": "00:00:04", "Backends": {} """)));
        using ServiceProvider provider = services.BuildServiceProvider();

        BalancerOptions orders = provider.GetRequiredKeyedService<Balancer>("orders").Options;
        BalancerOptions stock = provider.GetRequiredKeyedService<Balancer>("stock").Options;

        orders.FindFeature<Timeouts>()!.Attempt.ShouldBe(TimeSpan.FromSeconds(3));
        orders.Policy.ShouldBeOfType<MyPolicy>().Color.ShouldBe("blue");
        stock.FindFeature<Timeouts>()!.Attempt.ShouldBe(TimeSpan.FromSeconds(4));
    }

    [Fact]
    public void AddLoadBalancer_BadKeyOfAnotherPackage_IsNamed()
    {
        ServiceCollection services = new();
        services.AddSingleton<IBalancerSectionReader, TimeoutReader>();
        services.AddLoadBalancer("orders", EditableJson.Orders(""" "AttemptTimeout": 3, "AttemptTimout": 4, "Backends": {} """));
        using ServiceProvider provider = services.BuildServiceProvider();

        OptionsValidationException exception = Should.Throw<OptionsValidationException>(() => provider.GetRequiredKeyedService<Balancer>("orders"));

        exception.Failures.ShouldBe(
        [
            "LoadBalancing:orders:AttemptTimeout = \"3\": must be a time from 00:00:00 to 01:00:00, written like \"00:00:30\" (a number alone would mean days)",
            $"LoadBalancing:orders:AttemptTimout: unknown key; allowed: AttemptTimeout, {SectionKeys.OfTheEngine}",
        ]);
    }

    [Fact]
    public void UseConfiguration_WithoutContainer_TakesReadersThatAreGiven()
    {
        using Balancer balancer = new BalancerBuilder("orders")
            .UseConfiguration(EditableJson.Orders(""" "AttemptTimeout": "00:00:03", "Backends": {} """), [new TimeoutReader()], [])
            .Build();

        balancer.Options.FindFeature<Timeouts>()!.Attempt.ShouldBe(TimeSpan.FromSeconds(3));
    }

    private static HostApplicationBuilder HostBuilder(string json)
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        ((IConfigurationBuilder)builder.Configuration).Add(new EditableJson(json));
        builder.Logging.ClearProviders();
        return builder;
    }

    private sealed class Timeouts
    {
        public TimeSpan? Attempt { get; set; }
    }

    private sealed class TimeoutReader : IBalancerSectionReader
    {
        public void Read(SectionReader section, BalancerOptions options) =>
            options.GetFeature<Timeouts>().Attempt = section.ReadTimeSpan("AttemptTimeout", TimeSpan.Zero, TimeSpan.FromHours(1));
    }

    private sealed class MyPolicy(string color) : LoadBalancingPolicy
    {
        public string Color { get; } = color;

        public override string Name => "mine";

        public override PickerFactory CreateFactory(PolicyContext context) => new RandomPolicy().CreateFactory(context);
    }
}
