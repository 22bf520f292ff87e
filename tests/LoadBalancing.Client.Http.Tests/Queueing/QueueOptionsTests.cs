using LoadBalancing.Client.Http.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LoadBalancing.Client.Http.Tests.Queueing;

public sealed class QueueOptionsTests
{
    [Fact]
    public void Options_NothingSaid_HundredMayWaitForOneSecond()
    {
        HttpBalancingOptions options = new();

        (options.MaxQueue, options.QueueTimeout).ShouldBe((100, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void UseQueue_OutOfRange_ThrowsAndNamesTheValue()
    {
        BalancerBuilder builder = new("orders");

        Should.Throw<ArgumentOutOfRangeException>(() => builder.UseQueue(-1)).Message.ShouldContain("Service 'orders': MaxQueue = -1: must be 0 (nobody waits) or more.");
        Should.Throw<ArgumentOutOfRangeException>(() => new HttpBalancingOptions().MaxQueue = -1).Message.ShouldContain("MaxQueue = -1");
        foreach (TimeSpan timeout in (TimeSpan[])[TimeSpan.Zero, Timeout.InfiniteTimeSpan, TimeSpan.FromDays(1.5)])
        {
            Should.Throw<ArgumentOutOfRangeException>(() => builder.UseQueue(1, timeout)).Message.ShouldContain($"Service 'orders': QueueTimeout = {timeout}: must be above 0 and at most 1.00:00:00.");
            Should.Throw<ArgumentOutOfRangeException>(() => new HttpBalancingOptions().QueueTimeout = timeout).Message.ShouldContain($"QueueTimeout = {timeout}");
        }
    }

    [Theory]
    [InlineData("MaxQueue", "-1", "must be a whole number, 0 or more")]
    [InlineData("MaxQueue", "many", "must be a whole number, 0 or more")]
    [InlineData("QueueTimeout", "2", "must be a time from 00:00:00.001 to 1.00:00:00, written like \"00:00:30\" (a number alone would mean days)")]
    [InlineData("QueueTimeout", "00:00:00", "must be a time from 00:00:00.001 to 1.00:00:00, written like \"00:00:30\" (a number alone would mean days)")]
    public void Section_BadValue_IsRefusedWithWhatIsAllowed(string key, string value, string allowed)
    {
        using ServiceProvider provider = Build(Configuration((key, value)), new HeldRequests());

        Should.Throw<OptionsValidationException>(() => provider.GetRequiredKeyedService<Balancer>("orders")).Message.ShouldBe($"LoadBalancing:orders:{key} = \"{value}\": {allowed}");
    }

    [Fact]
    public async Task Section_Reloaded_CountsForNewcomersAndTheLineGoesOn()
    {
        HeldRequests held = new();
        IConfigurationRoot configuration = Configuration(("Backends:a:MaxConcurrency", "1"), ("MaxQueue", "2"), ("QueueTimeout", "1.00:00:00"));
        using ServiceProvider provider = Build(configuration, held);
        HttpClient client = provider.GetRequiredService<IHttpClientFactory>().CreateClient("orders");
        Task<HttpResponseMessage>[] sending = [client.GetAsync("/0"), client.GetAsync("/1"), client.GetAsync("/2")];

        configuration["LoadBalancing:orders:MaxQueue"] = "0";
        configuration.Reload();

        (await Should.ThrowAsync<NoBackendAvailableException>(() => client.GetAsync("/refused"))).Message.ShouldContain("2 requests wait already, and no more than 0 may");

        configuration["LoadBalancing:orders:MaxQueue"] = "3";
        configuration.Reload();
        Task<HttpResponseMessage> last = client.GetAsync("/3");
        for (int i = 0; i < 4; i++)
        {
            await held.ShouldHaveComeAsync(i + 1);
            held.Release($"/{i}");
        }

        await Task.WhenAll([.. sending, last]);
    }

    private static IConfigurationRoot Configuration(params (string Key, string Value)[] values) => new ConfigurationBuilder()
        .AddInMemoryCollection([new("LoadBalancing:orders:Backends:a:Address", "http://10.0.0.1:80"), .. values.Select(value => KeyValuePair.Create<string, string?>($"LoadBalancing:orders:{value.Key}", value.Value))])
        .Build();

    private static ServiceProvider Build(IConfigurationRoot configuration, HttpMessageHandler handler)
    {
        ServiceCollection services = new();
        services.AddLoadBalancedHttpClient("orders", configuration.GetSection("LoadBalancing:orders")).ConfigurePrimaryHttpMessageHandler(() => handler);
        return services.BuildServiceProvider();
    }
}
