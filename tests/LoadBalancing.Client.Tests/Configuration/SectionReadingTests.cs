using LoadBalancing.Client.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Tests.Configuration;

/// <summary>What a good section becomes.</summary>
public sealed class SectionReadingTests
{
    [Fact]
    public void Features_OfAvailability_AreRead()
    {
        using Balancer balancer = Build("""
            "Backends": {},
            "ZoneAware": { "MinBackends": 3, "CallerShares": { "eu-1a": 2, "us-1/1": 0.5 } },
            "Locality": { "Region": "eu-1", "Zone": "eu-1a", "SubZone": "rack 7" },
            "SlowStart": { "Window": "00:01:00", "Aggression": 2, "MinWeight": 0.2 },
            "ServiceLevel": { "ReducedBelow": 0.9, "CriticalBelow": 0.4 }
            """);

        BalancerOptions options = balancer.Options;
        options.ZoneAware.CallerShares.ShouldBe(new Dictionary<string, double> { ["eu-1a"] = 2, ["us-1/1"] = 0.5 }, ignoreOrder: true);
        (options.ZoneAware.Enabled, options.ZoneAware.MinBackends).ShouldBe((true, 3));
        options.Locality.ShouldBe(new Locality("eu-1", "eu-1a", "rack 7"));
        options.SlowStart.ShouldBe(new SlowStartOptions { Enabled = true, Window = TimeSpan.FromMinutes(1), Aggression = 2, MinWeight = 0.2 });
        options.ServiceLevel.ShouldBe(new ServiceLevelOptions { ReducedBelow = 0.9, CriticalBelow = 0.4 });
    }

    [Fact]
    public void Defaults_AboveAMaximumThatIsSet_FollowIt()
    {
        using Balancer balancer = Build("""
            "Backends": {}, "CircuitBreaker": { "MaxBreakDuration": "00:00:03" }, "OutlierDetection": { "MaxEjectionTime": "00:00:10" }, "ServiceLevel": { "ReducedBelow": 0.3 }
            """);

        balancer.Options.CircuitBreaker.BreakDuration.ShouldBe(TimeSpan.FromSeconds(3));
        balancer.Options.OutlierDetection.BaseEjectionTime.ShouldBe(TimeSpan.FromSeconds(10));
        balancer.Options.ServiceLevel.CriticalBelow.ShouldBe(0.3);
    }

    [Fact]
    public void Features_OfAvailabilityNotMentioned_AreOff()
    {
        using Balancer balancer = Build("""
            "Backends": {}, "ZoneAware": {}, "SlowStart": { "Enabled": false, "Window": "00:01:00" }
            """);

        balancer.Options.ZoneAware.Enabled.ShouldBeFalse();
        balancer.Options.SlowStart.Enabled.ShouldBeFalse();
        balancer.Options.Locality.ShouldBe(default);
    }

    [Fact]
    public void Backends_Map_TakesIdsFromTheKeys()
    {
        using Balancer balancer = Build("""
            "Backends": { "b": "http://10.0.0.2:8080", "a": { "Address": "http://10.0.0.1:8080/base" } }
            """);

        Descriptions(balancer).ShouldBe([new Backend("http://10.0.0.1:8080/base") { Id = "a" }, new Backend("http://10.0.0.2:8080") { Id = "b" }]);
    }

    [Fact]
    public void Backends_MixedList_TakesIdsFromTheAddressesOrAsGiven()
    {
        using Balancer balancer = Build("""
            "Backends": [ "http://10.0.0.1:8080", { "Address": "https://10.0.0.2" }, { "Address": "tcp://10.0.0.3:5432", "Id": "db" } ]
            """);

        Descriptions(balancer).ShouldBe([new Backend("http://10.0.0.1:8080"), new Backend("https://10.0.0.2"), new Backend("tcp://10.0.0.3:5432") { Id = "db" }]);
        balancer.Backends.Select(backend => backend.Id).ShouldBe(["10.0.0.1:8080", "10.0.0.2:443", "db"]);
    }

    [Fact]
    public void Backends_ListOfMoreThanTen_KeepsItsOrder()
    {
        using Balancer balancer = Build($"\"Backends\": [ {string.Join(", ", Enumerable.Range(1, 12).Select(i => $"\"http://10.0.0.{i}:80\""))} ]");

        balancer.Backends.Select(backend => backend.Id).ShouldBe(Enumerable.Range(1, 12).Select(i => $"10.0.0.{i}:80"));
    }

    [Fact]
    public void Backends_EveryAttribute_IsRead()
    {
        using Balancer balancer = Build("""
            "backends": { "a": {
              "address": "http://10.0.0.1:8080", "WEIGHT": 2.5, "Priority": 1, "Locality": { "Region": "eu", "Zone": "eu-1a", "SubZone": "rack 7" },
              "HostName": "orders.example", "MaxConcurrency": 64, "Metadata": { "version": "7", "Canary": "" } } }
            """);

        Descriptions(balancer).ShouldHaveSingleItem().ShouldBe(new Backend("http://10.0.0.1:8080")
        {
            Id = "a",
            Weight = 2.5,
            Priority = 1,
            Locality = new Locality("eu", "eu-1a", "rack 7"),
            HostName = "orders.example",
            MaxConcurrency = 64,
            Metadata = new Dictionary<string, string> { ["version"] = "7", ["Canary"] = "" },
        });
    }

    [Fact]
    public void Backends_TwoFiles_MergeById()
    {
        using Balancer balancer = Build(
            """ "Backends": { "a": { "Address": "http://10.0.0.1:80", "Weight": 2 }, "b": "http://10.0.0.2:80", "c": "http://10.0.0.3:80" } """,
            """ "Backends": { "A": { "Weight": 5 }, "b": { "Weight": 7 }, "c": "http://10.0.0.33:80", "d": "http://10.0.0.4:80" } """);

        Descriptions(balancer).ShouldBe(
        [
            new Backend("http://10.0.0.1:80") { Id = "a", Weight = 5 },
            new Backend("http://10.0.0.2:80") { Id = "b", Weight = 7 },
            new Backend("http://10.0.0.33:80") { Id = "c" },
            new Backend("http://10.0.0.4:80") { Id = "d" },
        ], Comparer);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    public void Backends_Empty_IsNoMistake(string empty)
    {
        using Balancer balancer = Build($"\"Backends\": {empty}, \"FailClosed\": true");

        balancer.Backends.Count.ShouldBe(0);
        balancer.Options.HasBackends.ShouldBeTrue();
    }

    [Theory]
    [InlineData("pick_first", typeof(PickFirstPolicy))]
    [InlineData("round_robin", typeof(RoundRobinPolicy))]
    [InlineData("random", typeof(RandomPolicy))]
    [InlineData("least_request", typeof(LeastRequestPolicy))]
    [InlineData("ring_hash", typeof(RingHashPolicy))]
    [InlineData("maglev", typeof(MaglevPolicy))]
    [InlineData("rendezvous", typeof(RendezvousPolicy))]
    [InlineData("ip_hash", typeof(MaglevPolicy))]
    [InlineData("Least_Request", typeof(LeastRequestPolicy))]
    public void Policy_Name_IsThePolicy(string name, Type policy)
    {
        using Balancer balancer = Build($"\"Policy\": \"{name}\", \"Backends\": [ \"http://10.0.0.1:80\" ]");

        balancer.Options.Policy.ShouldBeOfType(policy);
    }

    [Fact]
    public void PolicyOptions_OfLeastRequest_AreRead()
    {
        using Balancer balancer = Build(""" "Policy": "least_request", "PolicyOptions": { "ChoiceCount": 3, "FullScan": true }, "Backends": {} """);

        LeastRequestPolicy policy = balancer.Options.Policy.ShouldBeOfType<LeastRequestPolicy>();
        (policy.ChoiceCount, policy.FullScan).ShouldBe((3, true));
    }

    [Fact]
    public void PolicyOptions_OfRingHash_AreRead()
    {
        using Balancer balancer = Build("""" "Policy": "ring_hash", "PolicyOptions": { "MinRingSize": 2000, "MaxRingSize": 3000, "BoundedLoadFactor": 1.5 }, "Backends": {} """");

        RingHashPolicy policy = balancer.Options.Policy.ShouldBeOfType<RingHashPolicy>();
        (policy.MinRingSize, policy.MaxRingSize, policy.BoundedLoadFactor).ShouldBe((2000, 3000, 1.5));
    }

    [Theory]
    [InlineData("maglev")]
    [InlineData("ip_hash")]
    public void PolicyOptions_OfMaglev_AreRead(string name)
    {
        using Balancer balancer = Build($"\"Policy\": \"{name}\", \"PolicyOptions\": {{ \"TableSize\": 251, \"BoundedLoadFactor\": 0 }}, \"Backends\": {{}}");

        MaglevPolicy policy = balancer.Options.Policy.ShouldBeOfType<MaglevPolicy>();
        (policy.Name, policy.TableSize, policy.BoundedLoadFactor).ShouldBe((name, 251, 0));
    }

    [Fact]
    public void PolicyOptions_WithoutPolicy_AreThoseOfTheDefault()
    {
        using Balancer balancer = Build(""" "PolicyOptions": { "ChoiceCount": 3 }, "Backends": {} """);

        balancer.Options.Policy.ShouldBeOfType<LeastRequestPolicy>().ChoiceCount.ShouldBe(3);
    }

    [Fact]
    public void Options_All_AreRead()
    {
        using Balancer balancer = Build("""
            "Backends": {}, "PanicThreshold": 0.25, "FailClosed": true, "FirstBackendsTimeout": "00:00:02.5", "SubsetSize": 20, "Telemetry": { "RecordPeers": false }
            """);

        balancer.Options.PanicThreshold.ShouldBe(0.25);
        balancer.Options.FailClosed.ShouldBeTrue();
        balancer.Options.FirstBackendsTimeout.ShouldBe(TimeSpan.FromSeconds(2.5));
        balancer.Options.SubsetSize.ShouldBe(20);
        balancer.Options.RecordPeers.ShouldBeFalse();
    }

    [Fact]
    public void Options_NullOrAbsent_KeepTheirDefaults()
    {
        using Balancer balancer = Build("""
            "Backends": {}, "Policy": null, "PolicyOptions": null, "Dns": null, "PanicThreshold": null, "FailClosed": null, "FirstBackendsTimeout": null, "SubsetSize": null, "Telemetry": {}
            """);

        BalancerOptions defaults = new();
        balancer.Options.Policy.ShouldBeOfType<LeastRequestPolicy>().ChoiceCount.ShouldBe(2);
        balancer.Options.Sources.ShouldBeEmpty();
        balancer.Options.PanicThreshold.ShouldBe(defaults.PanicThreshold);
        balancer.Options.FailClosed.ShouldBe(defaults.FailClosed);
        balancer.Options.FirstBackendsTimeout.ShouldBe(defaults.FirstBackendsTimeout);
        balancer.Options.SubsetSize.ShouldBeNull();
        balancer.Options.RecordPeers.ShouldBe(defaults.RecordPeers);
    }

    [Fact]
    public void Dns_Alone_IsEnough()
    {
        using Balancer balancer = Build(""" "Dns": { "Host": "orders.prod.svc", "Port": 8080, "Scheme": "HTTPS", "AddressFamily": "IPv6", "RefreshInterval": "00:01:00" } """);

        balancer.Options.Sources.ShouldHaveSingleItem().ToString().ShouldBe("DNS orders.prod.svc:8080");
    }

    [Fact]
    public async Task Dns_Localhost_IsLookedUpOnTheBalancersClock()
    {
        FakeTimeProvider clock = new();
        await using Balancer balancer = new BalancerBuilder("orders")
            .UseConfiguration(EditableJson.Orders(""" "Dns": { "Host": "localhost", "Port": 8080, "AddressFamily": "ipv4" }, "Backends": { "a": "http://10.0.0.1:80" } """))
            .UseTimeProvider(clock)
            .Build();

        balancer.Start();

        await Discovery.Wait.UntilAsync(() => balancer.Backends.Count == 2 && clock.UntilNextTimer == TimeSpan.FromSeconds(30));
        balancer.Backends.Select(backend => backend.Id).ShouldBe(["a", "127.0.0.1:8080"]);
    }

    [Fact]
    public void UseConfiguration_BesideOtherSteps_LaterStepsWin()
    {
        using Balancer balancer = new BalancerBuilder("orders")
            .UsePolicy(new RandomPolicy())
            .UseConfiguration(EditableJson.Orders(""" "Policy": "round_robin", "Backends": { "a": "http://10.0.0.1:80" } """))
            .AddBackends("http://10.0.0.2:80")
            .Configure(options => options.FailClosed = true)
            .Build();

        balancer.Options.Policy.ShouldBeOfType<RoundRobinPolicy>();
        balancer.Backends.Select(backend => backend.Id).ShouldBe(["a", "10.0.0.2:80"]);
        balancer.Options.FailClosed.ShouldBeTrue();
    }

    [Fact]
    public void UseConfiguration_SameSectionTwice_CountsOnce()
    {
        IConfigurationSection section = EditableJson.Orders(""" "Backends": { "a": "http://10.0.0.1:80" }, "Dns": { "Host": "localhost", "Port": 80 } """);

        using Balancer balancer = new BalancerBuilder("orders").UseConfiguration(section).UseConfiguration(section).Build();

        balancer.Backends.Count.ShouldBe(1);
        balancer.Options.Sources.Count.ShouldBe(1);
    }

    private static IEqualityComparer<Backend> Comparer { get; } = EqualityComparer<Backend>.Create(
        (left, right) => left! with { Id = left.Id.ToUpperInvariant() } == right! with { Id = right.Id.ToUpperInvariant() });

    private static IEnumerable<Backend> Descriptions(Balancer balancer) => balancer.Backends.Select(backend => backend.Description);

    private static Balancer Build(params string[] texts) => new BalancerBuilder("orders").UseConfiguration(EditableJson.Orders(texts)).Build();
}
