using LoadBalancing.Client.Tests.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LoadBalancing.Client.Tests.Health.Outliers;

public sealed class OutlierConfigurationTests
{
    [Fact]
    public void Section_EveryKey_IsRead()
    {
        OutlierDetectionOptions read = Read("""
            "Enabled": true, "ConsecutiveFailures": 3, "Interval": "00:00:05", "BaseEjectionTime": "00:01:00", "MaxEjectionTime": "00:10:00", "MaxEjectionTimeJitter": "00:00:07", "MaxEjectionPercent": 30,
            "SuccessRate": { "Enabled": false, "StdevFactor": 2.5, "MinimumHosts": 4, "RequestVolume": 90 },
            "FailurePercentage": { "Enabled": true, "Threshold": 70, "MinimumHosts": 3, "RequestVolume": 40 }
            """);

        read.Enabled.ShouldBeTrue();
        read.ConsecutiveFailures.ShouldBe(3);
        read.Interval.ShouldBe(TimeSpan.FromSeconds(5));
        read.BaseEjectionTime.ShouldBe(TimeSpan.FromMinutes(1));
        read.MaxEjectionTime.ShouldBe(TimeSpan.FromMinutes(10));
        read.MaxEjectionTimeJitter.ShouldBe(TimeSpan.FromSeconds(7));
        read.MaxEjectionPercent.ShouldBe(30);
        read.SuccessRate.ShouldBe(new SuccessRateEjectionOptions { Enabled = false, StdevFactor = 2.5, MinimumHosts = 4, RequestVolume = 90 });
        read.FailurePercentage.ShouldBe(new FailurePercentageEjectionOptions { Enabled = true, Threshold = 70, MinimumHosts = 3, RequestVolume = 40 });
    }

    [Theory]
    [InlineData("", false, true, false)]
    [InlineData("\"Enabled\": true", true, true, false)]
    [InlineData("\"Interval\": \"00:00:05\"", true, true, false)]
    [InlineData("\"Enabled\": false, \"Interval\": \"00:00:05\"", false, true, false)]
    [InlineData("\"FailurePercentage\": { \"Threshold\": 90 }", true, true, true)]
    [InlineData("\"FailurePercentage\": { \"Threshold\": 90, \"Enabled\": false }", true, true, false)]
    [InlineData("\"SuccessRate\": { \"Enabled\": false }", true, false, false)]
    public void Section_AnyKey_TurnsItOnUnlessEnabledSaysNo(string section, bool enabled, bool successRate, bool failurePercentage)
    {
        OutlierDetectionOptions read = Read(section);

        (read.Enabled, read.SuccessRate.Enabled, read.FailurePercentage.Enabled).ShouldBe((enabled, successRate, failurePercentage));
    }

    [Theory]
    [InlineData("\"ConsecutiveFailures\": -1", "ConsecutiveFailures = \"-1\": must be a whole number, 0 or more")]
    [InlineData("\"Interval\": 10", "Interval = \"10\": must be a time from 00:00:00.1 to 1.00:00:00, written like \"00:00:30\" (a number alone would mean days)")]
    [InlineData("\"BaseEjectionTime\": \"00:06:00\"", "BaseEjectionTime = \"00:06:00\": must be a time from 00:00:00.001 to 00:05:00, written like \"00:00:30\" (a number alone would mean days)")]
    [InlineData("\"MaxEjectionPercent\": 101", "MaxEjectionPercent = \"101\": must be a whole number from 0 to 100")]
    [InlineData("\"SuccessRate\": { \"StdevFactor\": -1 }", "SuccessRate:StdevFactor = \"-1\": must be a finite number from 0 to 100")]
    [InlineData("\"FailurePercentage\": { \"Threshold\": 0 }", "FailurePercentage:Threshold = \"0\": must be a whole number from 1 to 100")]
    [InlineData("\"FailurePercentage\": { \"Treshold\": 80 }", "FailurePercentage:Treshold: unknown key; allowed: Enabled, MinimumHosts, RequestVolume, Threshold")]
    public void Section_BadValue_IsNamed(string section, string error) =>
        Should.Throw<OptionsValidationException>(() => Read(section)).Failures.ShouldBe([$"LoadBalancing:orders:OutlierDetection:{error}"]);

    [Fact]
    public void Build_BadOptionsInCode_AreAllNamed() =>
        Should.Throw<OptionsValidationException>(() => new BalancerBuilder("orders").AddBackends("http://10.0.0.1").UseOutlierDetection(options =>
            {
                options.ConsecutiveFailures = -1;
                options.Interval = TimeSpan.Zero;
                options.BaseEjectionTime = TimeSpan.FromDays(3);
                options.MaxEjectionTime = TimeSpan.FromDays(2);
                options.MaxEjectionTimeJitter = TimeSpan.FromTicks(-1);
                options.MaxEjectionPercent = 101;
                options.SuccessRate.StdevFactor = double.NaN;
                options.SuccessRate.MinimumHosts = 0;
                options.SuccessRate.RequestVolume = 0;
                options.FailurePercentage.Threshold = 101;
                options.FailurePercentage.MinimumHosts = 0;
                options.FailurePercentage.RequestVolume = 0;
            }).Build())
            .Failures.ShouldBe(
            [
                "Service 'orders': OutlierDetection:ConsecutiveFailures = \"-1\": must be 0 or more.",
                "Service 'orders': OutlierDetection:Interval = \"00:00:00\": must be from 00:00:00.1000000 to 1.00:00:00.",
                "Service 'orders': OutlierDetection:BaseEjectionTime = \"3.00:00:00\": must be from 00:00:00.0010000 to MaxEjectionTime, which is 2.00:00:00.",
                "Service 'orders': OutlierDetection:MaxEjectionTime = \"2.00:00:00\": must be at most 1.00:00:00.",
                "Service 'orders': OutlierDetection:MaxEjectionTimeJitter = \"-00:00:00.0000001\": must be from 00:00:00 to 1.00:00:00.",
                "Service 'orders': OutlierDetection:MaxEjectionPercent = \"101\": must be from 0 to 100.",
                "Service 'orders': OutlierDetection:SuccessRate:StdevFactor = \"NaN\": must be from 0 to 100.",
                "Service 'orders': OutlierDetection:SuccessRate:MinimumHosts = \"0\": must be 1 or more.",
                "Service 'orders': OutlierDetection:SuccessRate:RequestVolume = \"0\": must be 1 or more.",
                "Service 'orders': OutlierDetection:FailurePercentage:Threshold = \"101\": must be from 1 to 100.",
                "Service 'orders': OutlierDetection:FailurePercentage:MinimumHosts = \"0\": must be 1 or more.",
                "Service 'orders': OutlierDetection:FailurePercentage:RequestVolume = \"0\": must be 1 or more.",
            ]);

    private static OutlierDetectionOptions Read(string section)
    {
        using Balancer balancer = new BalancerBuilder("orders").UseConfiguration(EditableJson.Orders($$""" "Backends": { "a": "http://10.0.0.1:80" }, "OutlierDetection": { {{section}} } """)).Build();
        return balancer.Options.OutlierDetection;
    }
}
