using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LoadBalancing.Client.Http.Tests.DependencyInjection;

public sealed class RetryConfigurationTests
{
    [Fact]
    public void Section_EveryKey_IsRead()
    {
        HttpBalancingOptions options = Read(
            ("RequestTimeout", "00:00:05"),
            ("ConnectTimeout", "00:00:01"),
            ("Retry:MaxAttempts", "5"),
            ("Retry:BaseDelay", "00:00:00.5"),
            ("Retry:MaxDelay", "00:00:02"),
            ("Retry:MaxRetryAfter", "00:01:00"),
            ("Retry:MaxBufferedBodyBytes", "4096"),
            ("Retry:Budget:Ratio", "0.5"),
            ("Retry:Budget:MinRetries", "7"));

        (options.RequestTimeout, options.ConnectTimeout).ShouldBe((TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1)));
        options.Retry.ShouldBe(new RetryOptions
        {
            MaxAttempts = 5,
            BaseDelay = TimeSpan.FromMilliseconds(500),
            MaxDelay = TimeSpan.FromSeconds(2),
            MaxRetryAfter = TimeSpan.FromMinutes(1),
            MaxBufferedBodyBytes = 4096,
            Budget = new RetryBudgetOptions { Ratio = 0.5, MinRetries = 7 },
        });
    }

    [Theory]
    [InlineData("", "", true, true)]
    [InlineData("Retry", "", true, true)]
    [InlineData("Hedging", "", true, true)]
    [InlineData("Retry:Enabled", "false", false, true)]
    [InlineData("Retry:Budget:Enabled", "false", true, false)]
    public void Section_Enabled_SaysWhatIsOn(string key, string value, bool retries, bool budget)
    {
        RetryOptions options = Read((key, value)).Retry;

        (options.Enabled, options.Budget.Enabled).ShouldBe((retries, budget));
    }

    [Fact]
    public void Section_KeyAfterItWasTurnedOffInCode_TurnsItOn()
    {
        ServiceCollection services = new();
        services.AddLoadBalancedHttpClient("orders", balancer => balancer.AddBackends("http://10.0.0.1").UseRetries(retry => retry.Enabled = false));
        services.AddLoadBalancedHttpClient("orders", Section(("Retry:MaxAttempts", "2")));
        using ServiceProvider provider = services.BuildServiceProvider();

        provider.GetRequiredKeyedService<Balancer>("orders").Options.FindFeature<HttpBalancingOptions>()!.Retry.Enabled.ShouldBeTrue();
    }

    [Fact]
    public void Section_MaxDelayBelowTheDefaultOfBaseDelay_LowersThat() =>
        Read(("Retry:MaxDelay", "00:00:00.010")).Retry.BaseDelay.ShouldBe(TimeSpan.FromMilliseconds(10));

    [Fact]
    public void UseRetries_MaxDelayBelowTheDefaultOfBaseDelay_LowersThat()
    {
        using Balancer balancer = new BalancerBuilder("orders").AddBackends("http://10.0.0.1").UseRetries(retry => retry.MaxDelay = TimeSpan.FromMilliseconds(10)).Build();

        balancer.Options.FindFeature<HttpBalancingOptions>()!.Retry.BaseDelay.ShouldBe(TimeSpan.FromMilliseconds(10));
        new RetryOptions().BaseDelay.ShouldBe(TimeSpan.FromMilliseconds(25));
    }

    [Fact]
    public void UseRetries_BaseDelayAboveMaxDelay_IsRefused() =>
        Should.Throw<Exception>(() => new BalancerBuilder("orders").AddBackends("http://10.0.0.1").UseRetries(retry => (retry.BaseDelay, retry.MaxDelay) = (TimeSpan.FromMilliseconds(11), TimeSpan.FromMilliseconds(10))).Build())
            .Message.ShouldContain("Retry:BaseDelay = \"00:00:00.0110000\": must be from 0 to MaxDelay");

    [Theory]
    [InlineData("Retry:MaxAttempts", "0", "must be a whole number from 1 to 10")]
    [InlineData("Retry:MaxAttempts", "11", "must be a whole number from 1 to 10")]
    [InlineData("Retry:BaseDelay", "00:00:02", "must be a time from 00:00:00 to 00:00:01")]
    [InlineData("Retry:MaxDelay", "1", "a number alone would mean days")]
    [InlineData("Retry:MaxRetryAfter", "-00:00:01", "must be a time from 00:00:00")]
    [InlineData("Retry:MaxBufferedBodyBytes", "-1", "must be a whole number, 0 or more")]
    [InlineData("Retry:Budget:Ratio", "NaN", "must be a finite number from 0 to 10")]
    [InlineData("Retry:Budget:MinRetries", "-1", "must be a whole number, 0 or more")]
    [InlineData("Retry:Attempts", "3", "unknown key; allowed: BaseDelay, Budget, Enabled, MaxAttempts")]
    [InlineData("Retry:Budget:Percent", "3", "unknown key; allowed: Enabled, MinRetries, Ratio")]
    [InlineData("Retry", "3", "must be a section")]
    [InlineData("RequestTimeout", "5", "a number alone would mean days")]
    [InlineData("ConnectTimeout", "00:00:00", "must be a time above 0")]
    public void Section_BadValue_IsRefusedByNameAndValue(string key, string value, string requirement)
    {
        string problem = Should.Throw<OptionsValidationException>(() => Read((key, value))).Failures.ShouldHaveSingleItem();

        problem.ShouldStartWith($"LoadBalancing:orders:{key}");
        problem.ShouldContain(requirement);
    }

    [Theory]
    [InlineData("MaxAttempts", "Retry:MaxAttempts = \"11\": must be from 1 to 10")]
    [InlineData("BaseDelay", "Retry:BaseDelay = \"00:00:02\": must be from 0 to MaxDelay, which is 00:00:01")]
    [InlineData("MaxDelay", "Retry:MaxDelay = \"2.00:00:00\": must be from 0 to 1.00:00:00")]
    [InlineData("MaxRetryAfter", "Retry:MaxRetryAfter = \"-00:00:01\": must be from 0 to 1.00:00:00")]
    [InlineData("MaxBufferedBodyBytes", "Retry:MaxBufferedBodyBytes = \"-1\": must be 0 or more")]
    [InlineData("Ratio", "Retry:Budget:Ratio = \"NaN\": must be from 0 to 10")]
    [InlineData("MinRetries", "Retry:Budget:MinRetries = \"-1\": must be 0 or more")]
    public void UseRetries_BadValue_IsRefusedByNameAndValue(string key, string problem)
    {
        BalancerBuilder builder = new BalancerBuilder("orders").AddBackends("http://10.0.0.1").UseRetries(retry =>
        {
            switch (key)
            {
                case "MaxAttempts":
                    retry.MaxAttempts = 11;
                    break;
                case "BaseDelay":
                    retry.BaseDelay = TimeSpan.FromSeconds(2);
                    break;
                case "MaxDelay":
                    retry.MaxDelay = TimeSpan.FromDays(2);
                    break;
                case "MaxRetryAfter":
                    retry.MaxRetryAfter = TimeSpan.FromSeconds(-1);
                    break;
                case "MaxBufferedBodyBytes":
                    retry.MaxBufferedBodyBytes = -1;
                    break;
                case "Ratio":
                    retry.Budget.Ratio = double.NaN;
                    break;
                case "MinRetries":
                    retry.Budget.MinRetries = -1;
                    break;
            }
        });

        Should.Throw<OptionsValidationException>(() => builder.Build()).Failures.ShouldBe([$"Service 'orders': {problem}."]);
    }

    [Fact]
    public void ConnectTimeout_OfTheSection_IsThatOfThePrimaryHandler()
    {
        ServiceCollection services = new();
        SocketsHttpHandler? primary = null;
        services.AddLoadBalancedHttpClient("orders", Section(("Backends:0", "http://10.0.0.1"), ("ConnectTimeout", "00:00:07"))).UseSocketsHttpHandler((handler, _) => primary = handler);
        using ServiceProvider provider = services.BuildServiceProvider();

        using HttpMessageHandler _ = provider.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler("orders");

        primary!.ConnectTimeout.ShouldBe(TimeSpan.FromSeconds(7));
    }

    private static HttpBalancingOptions Read(params (string Key, string Value)[] values)
    {
        ServiceCollection services = new();
        services.AddLoadBalancedHttpClient("orders", Section([("Backends:0", "http://10.0.0.1"), .. values.Where(value => value.Key.Length > 0)]));
        using ServiceProvider provider = services.BuildServiceProvider();
        return provider.GetRequiredKeyedService<Balancer>("orders").Options.FindFeature<HttpBalancingOptions>() ?? new HttpBalancingOptions();
    }

    private static IConfigurationSection Section(params (string Key, string Value)[] values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values.Select(value => KeyValuePair.Create($"LoadBalancing:orders:{value.Key}", (string?)value.Value))).Build().GetSection("LoadBalancing:orders");
}
