using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LoadBalancing.Client.Http.Tests.DependencyInjection;

public sealed class HedgingConfigurationTests
{
    [Fact]
    public void Section_EveryKey_IsRead() =>
        Read(("Hedging:Delay", "00:00:00.050"), ("Hedging:Percentile", "0.99"), ("Hedging:MinSamples", "500"), ("Hedging:MaxHedges", "2")).ShouldBe(new HedgingOptions
        {
            Enabled = true,
            Delay = TimeSpan.FromMilliseconds(50),
            Percentile = 0.99,
            MinSamples = 500,
            MaxHedges = 2,
        });

    [Theory]
    [InlineData("", "", false)]
    [InlineData("Hedging", "", false)]
    [InlineData("Hedging:Enabled", "true", true)]
    [InlineData("Hedging:Enabled", "false", false)]
    [InlineData("Hedging:MaxHedges", "2", true)]
    public void Section_Enabled_SaysWhetherItIsOn(string key, string value, bool isOn) => Read((key, value)).Enabled.ShouldBe(isOn);

    [Theory]
    [InlineData(null, null, 0.95)]
    [InlineData(null, 50, null)]
    [InlineData(0.99, null, 0.99)]
    [InlineData(0.99, 50, 0.99)]
    public void PercentileInForce_OfWhatIsSet_IsTheDefaultOnlyWithoutADelay(double? percentile, int? delay, double? inForce) =>
        new HedgingOptions { Percentile = percentile, Delay = delay is { } time ? TimeSpan.FromMilliseconds(time) : null }.PercentileInForce.ShouldBe(inForce);

    [Theory]
    [InlineData("Hedging:Delay", "00:00:00", "must be a time from 00:00:00.001 to 1.00:00:00")]
    [InlineData("Hedging:Delay", "50", "a number alone would mean days")]
    [InlineData("Hedging:Percentile", "0.49", "must be a finite number from 0.5 to 0.999")]
    [InlineData("Hedging:Percentile", "95", "must be a finite number from 0.5 to 0.999")]
    [InlineData("Hedging:MinSamples", "0", "must be a whole number, 1 or more")]
    [InlineData("Hedging:MaxHedges", "0", "must be a whole number from 1 to 3")]
    [InlineData("Hedging:MaxHedges", "4", "must be a whole number from 1 to 3")]
    [InlineData("Hedging:Attempts", "3", "unknown key; allowed: Delay, Enabled, MaxHedges, MinSamples, Percentile")]
    [InlineData("Hedging", "3", "must be a section")]
    public void Section_BadValue_IsRefusedByNameAndValue(string key, string value, string requirement)
    {
        string problem = Should.Throw<OptionsValidationException>(() => Read((key, value))).Failures.ShouldHaveSingleItem();

        problem.ShouldStartWith($"LoadBalancing:orders:{key}");
        problem.ShouldContain(requirement);
    }

    [Theory]
    [InlineData("Delay", "Hedging:Delay = \"2.00:00:00\": must be from 00:00:00.0010000 to 1.00:00:00")]
    [InlineData("Percentile", "Hedging:Percentile = \"NaN\": must be from 0.5 to 0.999")]
    [InlineData("MinSamples", "Hedging:MinSamples = \"0\": must be 1 or more")]
    [InlineData("MaxHedges", "Hedging:MaxHedges = \"4\": must be from 1 to 3")]
    [InlineData("null", "Hedging must not be null")]
    public void UseHedging_BadValue_IsRefusedByNameAndValue(string key, string problem)
    {
        BalancerBuilder builder = new BalancerBuilder("orders").AddBackends("http://10.0.0.1").UseHedging(hedging =>
        {
            switch (key)
            {
                case "Delay":
                    hedging.Delay = TimeSpan.FromDays(2);
                    break;
                case "Percentile":
                    hedging.Percentile = double.NaN;
                    break;
                case "MinSamples":
                    hedging.MinSamples = 0;
                    break;
                case "MaxHedges":
                    hedging.MaxHedges = 4;
                    break;
            }
        });
        if (key == "null")
        {
            builder.Configure(options => options.GetFeature<HttpBalancingOptions>().Hedging = null!);
        }

        Should.Throw<OptionsValidationException>(() => builder.Build()).Failures.ShouldBe([$"Service 'orders': {problem}."]);
    }

    private static HedgingOptions Read(params (string Key, string Value)[] values)
    {
        IConfigurationSection section = new ConfigurationBuilder()
            .AddInMemoryCollection(values.Where(value => value.Key.Length > 0).Append(("Backends:0", "http://10.0.0.1")).Select(value => KeyValuePair.Create($"LoadBalancing:orders:{value.Item1}", (string?)value.Item2)))
            .Build().GetSection("LoadBalancing:orders");
        ServiceCollection services = new();
        services.AddLoadBalancedHttpClient("orders", section);
        using ServiceProvider provider = services.BuildServiceProvider();
        return (provider.GetRequiredKeyedService<Balancer>("orders").Options.FindFeature<HttpBalancingOptions>() ?? new HttpBalancingOptions()).Hedging;
    }
}
