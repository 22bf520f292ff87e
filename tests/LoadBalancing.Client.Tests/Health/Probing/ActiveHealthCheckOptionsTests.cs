using LoadBalancing.Client.Tests.Configuration;
using LoadBalancing.Client.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LoadBalancing.Client.Tests.Health.Probing;

public sealed class ActiveHealthCheckOptionsTests
{
    private const string Backends = "\"Backends\": [ \"http://10.0.0.1:8080\" ]";

    [Fact]
    public void Defaults_AreThoseOfTheDocs()
    {
        ActiveHealthCheckOptions options = Read("");

        options.ShouldBe(new ActiveHealthCheckOptions());
        options.Enabled.ShouldBeFalse();
        (options.Kind, options.Path, options.ExpectedStatuses, options.InitiallyHealthy).ShouldBe((ProbeKind.Http, "/", "200-299", true));
        (options.Interval, options.Timeout).ShouldBe((TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(2)));
        (options.UnhealthyThreshold, options.HealthyThreshold, options.Jitter, options.MaxConcurrent).ShouldBe((3, 2, 0.1, 64));
    }

    [Fact]
    public void Section_AllKeys_AreRead() =>
        Read("""
            , "HealthChecks": { "Enabled": true, "Kind": "grpc", "Path": "/health", "Interval": "00:00:07", "Timeout": "00:00:06", "UnhealthyThreshold": 4, "HealthyThreshold": 5, "InitiallyHealthy": false,
              "ExpectedStatuses": "204,404", "Port": 81, "Address": "::1", "Host": "orders.example", "GrpcService": "orders", "Jitter": 0.2, "MaxConcurrent": 8 }
            """).ShouldBe(new ActiveHealthCheckOptions
        {
            Enabled = true,
            Kind = ProbeKind.Grpc,
            Path = "/health",
            Interval = TimeSpan.FromSeconds(7),
            Timeout = TimeSpan.FromSeconds(6),
            UnhealthyThreshold = 4,
            HealthyThreshold = 5,
            InitiallyHealthy = false,
            ExpectedStatuses = "204,404",
            Port = 81,
            Address = "::1",
            Host = "orders.example",
            GrpcService = "orders",
            Jitter = 0.2,
            MaxConcurrent = 8,
        });

    [Theory]
    [InlineData("", false)]
    [InlineData(", \"HealthChecks\": { }", false)]
    [InlineData(", \"HealthChecks\": { \"Path\": \"/health\" }", true)]
    [InlineData(", \"HealthChecks\": { \"Path\": \"/health\", \"Enabled\": false }", false)]
    [InlineData(", \"HealthChecks\": { \"Enabled\": true }", true)]
    public void Section_Enabled_IsWhatItSaysOrWhetherItSaysAnything(string section, bool expected) => Read(section).Enabled.ShouldBe(expected);

    [Fact]
    public void UseActiveHealthChecks_TurnsThemOnAndTheLastStepCounts()
    {
        using Balancer balancer = new BalancerBuilder("orders").AddBackends(Pools.DescribeMany(1))
            .UseActiveHealthChecks(probe => probe.Path = "/a")
            .UseActiveHealthChecks(probe => probe.Port = 81)
            .UseActiveHealthChecks()
            .Build();

        balancer.Options.ActiveHealthChecks.ShouldBe(new ActiveHealthCheckOptions { Enabled = true, Path = "/a", Port = 81 });
    }

    [Fact]
    public void Timeout_NotSet_IsNeverAboveTheInterval()
    {
        new ActiveHealthCheckOptions { Interval = TimeSpan.FromSeconds(1) }.Timeout.ShouldBe(TimeSpan.FromSeconds(1));
        new ActiveHealthCheckOptions { Interval = TimeSpan.FromMinutes(1) }.Timeout.ShouldBe(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void Build_BadValues_NamesThemAll()
    {
        OptionsValidationException exception = Should.Throw<OptionsValidationException>(() => Build(options =>
        {
            options.Kind = (ProbeKind)7;
            options.Path = "health";
            options.ExpectedStatuses = "ok";
            options.Interval = TimeSpan.FromMilliseconds(9);
            options.Timeout = TimeSpan.FromMilliseconds(10);
            options.UnhealthyThreshold = 0;
            options.HealthyThreshold = 1001;
            options.Port = 65536;
            options.Address = "a b";
            options.Host = "a/b";
            options.GrpcService = null!;
            options.Jitter = double.NaN;
            options.MaxConcurrent = 0;
        }));

        string[] keys = ["Kind", "Path", "ExpectedStatuses", "Address", "Host", "GrpcService", "Interval", "Timeout", "UnhealthyThreshold", "HealthyThreshold", "Port", "Jitter", "MaxConcurrent"];
        exception.Failures.Count().ShouldBe(keys.Length);
        foreach ((string key, string failure) in keys.Zip(exception.Failures))
        {
            failure.ShouldStartWith($"Service 'orders': HealthChecks:{key} = \"");
        }
    }

    [Fact]
    public void Build_TimeoutAboveTheInterval_IsRefused() =>
        Should.Throw<OptionsValidationException>(() => Build(options => (options.Interval, options.Timeout) = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2))))
            .Message.ShouldContain("HealthChecks:Timeout = \"00:00:02\": must be from 00:00:00.0010000 to Interval, which is 00:00:01");

    [Theory]
    [InlineData(ProbeKind.Http, false)]
    [InlineData(ProbeKind.Grpc, false)]
    [InlineData(ProbeKind.Tcp, true)]
    public void Build_TcpBackend_NeedsATcpProbe(ProbeKind kind, bool isAllowed)
    {
        void BuildWithTcp() => Build(options => options.Kind = kind, new Backend("tcp://10.0.0.1:5432"));

        if (isAllowed)
        {
            BuildWithTcp();
        }
        else
        {
            Should.Throw<OptionsValidationException>(BuildWithTcp).Message.ShouldContain($"backend 'tcp://10.0.0.1:5432/' has scheme tcp, and HealthChecks:Kind = \"{kind}\" needs http or https");
        }
    }

    private static void Build(Action<ActiveHealthCheckOptions> configure, params Backend[] backends) =>
        new BalancerBuilder("orders").AddBackends(backends.Length == 0 ? Pools.DescribeMany(1) : backends).UseActiveHealthChecks(configure).Build().Dispose();

    private static ActiveHealthCheckOptions Read(string more)
    {
        using Balancer balancer = new BalancerBuilder("orders").UseConfiguration(EditableJson.Orders(Backends + more)).Build();
        return balancer.Options.ActiveHealthChecks;
    }
}
