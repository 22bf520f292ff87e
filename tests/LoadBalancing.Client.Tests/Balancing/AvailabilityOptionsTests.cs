using LoadBalancing.Client.Tests.Fixtures;
using Microsoft.Extensions.Options;

namespace LoadBalancing.Client.Tests.Balancing;

/// <summary>What is wrong with options that were set in code.</summary>
public sealed class AvailabilityOptionsTests
{
    public static TheoryData<string, Action<BalancerOptions>> Mistakes => new()
    {
        { "ZoneAware:MinBackends = \"-1\": must be 0 or more", options => options.ZoneAware.MinBackends = -1 },
        { "ZoneAware:CallerShares: must not be null", options => options.ZoneAware.CallerShares = null! },
        { "ZoneAware:CallerShares:a = \"NaN\": must be a finite number, 0 or more", options => options.ZoneAware.CallerShares = new Dictionary<string, double> { ["a"] = double.NaN } },
        { "ZoneAware:CallerShares: must have a share above 0", options => options.ZoneAware.CallerShares = new Dictionary<string, double> { ["a"] = 0 } },
        { "SlowStart:Window = \"00:00:00.5000000\": must be from 00:00:01 to 1.00:00:00", options => options.SlowStart.Window = TimeSpan.FromSeconds(0.5) },
        { "SlowStart:Aggression = \"NaN\": must be from 0.01 to 100", options => options.SlowStart.Aggression = double.NaN },
        { "SlowStart:MinWeight = \"1.5\": must be from 0.001 to 1", options => options.SlowStart.MinWeight = 1.5 },
        { "ServiceLevel:ReducedBelow = \"1.5\": must be from 0 to 1", options => options.ServiceLevel.ReducedBelow = 1.5 },
        { "ServiceLevel:CriticalBelow = \"0.9\": must be from 0 to ReducedBelow, which is 0.8", options => options.ServiceLevel.CriticalBelow = 0.9 },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Build_BadValue_IsNamed(string problem, Action<BalancerOptions> configure)
    {
        BalancerBuilder builder = new BalancerBuilder("orders").AddBackends(Pools.DescribeMany(1)).Configure(configure);

        Should.Throw<OptionsValidationException>(() => builder.Build()).Failures.ShouldBe([$"Service 'orders': {problem}."]);
    }
}
