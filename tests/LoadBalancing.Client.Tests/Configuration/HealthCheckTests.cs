using System.Net;
using LoadBalancing.Client.Tests.Fixtures;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace LoadBalancing.Client.Tests.Configuration;

/// <summary>The health endpoint of ASP.NET Core, on loopback, asked over HTTP.</summary>
public sealed class HealthCheckTests
{
    [Fact]
    public async Task Health_LevelFallsAndRises_FollowsIt()
    {
        await using WebApplication application = await StartAsync(services =>
        {
            services.AddHealthChecks().AddLoadBalancerHealthChecks();

            // Registered later: the order does not matter.
            services.AddLoadBalancer("orders", balancer => balancer.AddBackends(Pools.DescribeMany(4)));
            services.AddLoadBalancer("stock", balancer => balancer.AddBackends(Pools.DescribeMany(1)));
        });
        Balancer orders = application.Services.GetRequiredKeyedService<Balancer>("orders");

        (await AskAsync(application)).ShouldBe((HttpStatusCode.OK, "load-balancer:orders Healthy orders: Full; 4 of 4 backends are eligible.\nload-balancer:stock Healthy stock: Full; 1 of 1 backends are eligible."));

        orders.Backends[0].SetFlag(Unavailability.Ejected, true);
        (await AskAsync(application, "orders")).ShouldBe((HttpStatusCode.OK, "load-balancer:orders Degraded orders: Reduced; 3 of 4 backends are eligible."));

        orders.Backends[1].SetFlag(Unavailability.Ejected, true);
        orders.Backends[2].SetFlag(Unavailability.Ejected, true);
        (await AskAsync(application, "orders")).ShouldBe((HttpStatusCode.OK, "load-balancer:orders Degraded orders: Critical; 1 of 4 backends are eligible."));

        orders.Backends[3].SetFlag(Unavailability.Ejected, true);
        (await AskAsync(application, "orders")).ShouldBe((HttpStatusCode.ServiceUnavailable, "load-balancer:orders Unhealthy orders: None; 0 of 4 backends are eligible."));

        orders.Backends[3].SetFlag(Unavailability.Ejected, false);
        (await AskAsync(application, "orders")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Health_FailureStatusAndTags_AreTheCallers()
    {
        await using WebApplication application = await StartAsync(services =>
        {
            services.AddHealthChecks().AddLoadBalancerHealthChecks(HealthStatus.Degraded, ["ready"]).AddLoadBalancerHealthChecks();
            services.AddLoadBalancer("orders", balancer => balancer.AddBackends(Array.Empty<Backend>()));
        });

        (await AskAsync(application)).ShouldBe((HttpStatusCode.OK, "load-balancer:orders Degraded orders: None; 0 of 0 backends are eligible."));
        application.Services.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations.ShouldHaveSingleItem().Tags.ShouldBe(["ready"]);
    }

    [Fact]
    public async Task Health_DiscoveryHasNotAnswered_IsDegraded()
    {
        await using WebApplication application = await StartAsync(services =>
        {
            services.AddHealthChecks().AddLoadBalancerHealthChecks();
            services.AddLoadBalancer("orders", balancer => balancer.AddSource(new ManualSource()));
        });

        (await AskAsync(application)).ShouldBe((HttpStatusCode.OK, "load-balancer:orders Degraded orders: discovery has not answered yet."));
    }

    [Fact]
    public async Task CheckHealth_Data_SaysLevelAndCounts()
    {
        ServiceCollection services = new();
        services.AddLogging();
        services.AddHealthChecks().AddLoadBalancerHealthChecks();
        services.AddLoadBalancer("orders", balancer => balancer.AddBackends(Pools.DescribeMany(4)));
        await using ServiceProvider provider = services.BuildServiceProvider();
        Balancer orders = provider.GetRequiredKeyedService<Balancer>("orders");
        orders.Isolate("b0");
        orders.Backends[1].SetFlag(Unavailability.Ejected, true);

        HealthReport report = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync();

        IReadOnlyDictionary<string, object> data = report.Entries["load-balancer:orders"].Data;
        data.ShouldBe(new Dictionary<string, object> { ["level"] = "Reduced", ["eligibleShare"] = 2 / 3.0, ["eligible"] = 2, ["usable"] = 3, ["listed"] = 4, ["panics"] = false }, ignoreOrder: true);
    }

    [Fact]
    public async Task CheckHealth_NoBalancers_IsHealthy()
    {
        ServiceCollection services = new();
        services.AddLogging();
        services.AddHealthChecks().AddLoadBalancerHealthChecks();
        await using ServiceProvider provider = services.BuildServiceProvider();

        (await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Status.ShouldBe(HealthStatus.Healthy);
    }

    private static async Task<WebApplication> StartAsync(Action<IServiceCollection> configure)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddLogging();
        configure(builder.Services);
        WebApplication application = builder.Build();
        application.UseHealthChecks("/health", new HealthCheckOptions
        {
            ResponseWriter = (context, report) => context.Response.WriteAsync(
                string.Join('\n', report.Entries.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key} {entry.Value.Status} {entry.Value.Description}"))),
        });
        await application.StartAsync();
        return application;
    }

    private static async Task<(HttpStatusCode Status, string Text)> AskAsync(WebApplication application, string? service = null)
    {
        using HttpClient client = new() { BaseAddress = new Uri(application.Urls.Single()) };
        using HttpResponseMessage response = await client.GetAsync(new Uri("/health", UriKind.Relative));
        string text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, service is null ? text : text.Split('\n').Single(line => line.Contains($":{service} ", StringComparison.Ordinal)));
    }
}
