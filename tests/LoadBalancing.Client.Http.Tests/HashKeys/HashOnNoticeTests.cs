using LoadBalancing.Client.Tests.Discovery;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LoadBalancing.Client.Http.Tests.HashKeys;

/// <summary>A <c>HashOn</c> without effect is said once, where the balancer logs.</summary>
public sealed class HashOnNoticeTests : IDisposable
{
    private readonly RecordingLog _log = new();

    private int Said => _log.Of("HashOnIgnored").Count;

    [Fact]
    public void Build_PolicyWithoutHash_SaysThatHashOnHasNoEffect()
    {
        using Balancer balancer = Build(builder => builder.HashOn(key => key.Header("X-User")));
        using LoadBalancingHandler first = new(balancer);
        using LoadBalancingHandler second = new(balancer);

        _log.Entries.Where(entry => entry.Level >= LogLevel.Warning).ShouldBe(
            [(LogLevel.Warning, "HashOnIgnored", "Service orders: HashOn is set, but policy least_request does not choose by hash; ring_hash, maglev, rendezvous, ip_hash do.")]);
    }

    [Fact]
    public void Build_PolicyOfALaterStep_Counts()
    {
        using Balancer fine = Build(builder => builder.HashOn(key => key.Header("X-User")).UsePolicy(new MaglevPolicy()));
        Said.ShouldBe(0);

        using Balancer ignored = Build(builder => builder.UsePolicy(new MaglevPolicy()).HashOn(key => key.Header("X-User")).UsePolicy(new RandomPolicy()));
        Said.ShouldBe(1);
    }

    [Fact]
    public void Build_HashOnInTheOptions_SaysSo()
    {
        using Balancer balancer = Build(builder => builder.Configure(options => options.GetFeature<HttpBalancingOptions>().HashOn.Cookie("sid")));

        Said.ShouldBe(1);
    }

    [Theory]
    [InlineData("ring_hash", 0)]
    [InlineData("maglev", 0)]
    [InlineData("rendezvous", 0)]
    [InlineData("ip_hash", 0)]
    [InlineData("round_robin", 1)]
    public void Resolve_Section_IsSaidForPoliciesWithoutHash(string policy, int expected)
    {
        using ServiceProvider provider = Provide(new ConfigurationManager(), ("Policy", policy), ("HashOn:0", "header:X-User"));

        provider.GetRequiredKeyedService<Balancer>("orders").Name.ShouldBe("orders");

        Said.ShouldBe(expected);
    }

    [Fact]
    public void Build_NoHashOn_SaysNothing()
    {
        using Balancer balancer = Build(builder => builder.UseAttemptTimeout(TimeSpan.FromSeconds(1)));

        Said.ShouldBe(0);
    }

    [Fact]
    public void Build_PolicyOfOnesOwnThatUsesHashes_SaysNothing()
    {
        using Balancer balancer = Build(builder => builder.HashOn(key => key.Header("X-User")).UsePolicy(new HashingPolicy()));

        Said.ShouldBe(0);
    }

    [Fact]
    public void Reload_IsSaidWhenItBecomesTrueAndNotAgain()
    {
        using ConfigurationManager configuration = new();
        using ServiceProvider provider = Provide(configuration, ("Policy", "maglev"), ("HashOn:0", "header:X-User"));
        Balancer balancer = provider.GetRequiredKeyedService<Balancer>("orders");
        Said.ShouldBe(0);

        Set("Policy", "random");
        Said.ShouldBe(1);
        Set("FailClosed", "true");
        Said.ShouldBe(1);
        Set("HashOn:0", null);
        Said.ShouldBe(1);
        Set("HashOn:0", "cookie:sid");
        Said.ShouldBe(2);
        Set("Policy", "rendezvous");
        Said.ShouldBe(2);
        balancer.Options.FailClosed.ShouldBeTrue();

        void Set(string key, string? value)
        {
            BalancerOptions before = balancer.Options;
            configuration[$"orders:{key}"] = value;
            ((IConfigurationRoot)configuration).Reload();
            balancer.Options.ShouldNotBeSameAs(before);
        }
    }

    public void Dispose() => _log.Dispose();

    private Balancer Build(Action<BalancerBuilder> configure)
    {
        BalancerBuilder builder = new BalancerBuilder("orders").AddBackends("http://10.0.0.1").UseLoggerFactory(_log);
        configure(builder);
        return builder.Build();
    }

    private ServiceProvider Provide(ConfigurationManager configuration, params (string Key, string Value)[] values)
    {
        configuration["orders:Backends:0"] = "http://10.0.0.1";
        Array.ForEach(values, value => configuration[$"orders:{value.Key}"] = value.Value);
        ServiceCollection services = new();
        services.AddLoadBalancedHttpClient("orders", configuration.GetSection("orders"));
        services.AddSingleton<ILoggerFactory>(_log);
        return services.BuildServiceProvider();
    }

    private sealed class HashingPolicy : LoadBalancingPolicy
    {
        public override string Name => "hashing";

        public override PickerFactory CreateFactory(PolicyContext context) => new Factory();

        private sealed class Factory : PickerFactory
        {
            public override bool UsesHash => true;

            public override Picker CreatePicker(BackendSet backends) => new First(backends.Eligible.ToArray());
        }

        private sealed class First(BackendState[] eligible) : Picker
        {
            public override BackendState? Pick(in PickRequest request) => eligible.FirstOrDefault();
        }
    }
}
