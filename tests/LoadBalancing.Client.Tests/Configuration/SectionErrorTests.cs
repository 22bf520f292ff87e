using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LoadBalancing.Client.Tests.Configuration;

/// <summary>What a bad section is answered with: where, what, and what is allowed.</summary>
public sealed class SectionErrorTests
{
    private const string Good = "\"Backends\": { \"a\": \"http://10.0.0.1:80\" }";
    private const string Address = "must be an absolute URI such as http://10.0.0.1:8080, with scheme http, https or tcp";
    private const string BackendKeys = "allowed: Address, HostName, Locality, MaxConcurrency, Metadata, Priority, Weight";

    [Theory]
    [InlineData("\"Polcy\": \"random\"", $"Polcy: unknown key; allowed: {SectionKeys.OfTheEngine}")]
    [InlineData("\"Policy\": \"fastest\"", "Policy = \"fastest\": must be the name of a policy: ip_hash, least_bandwidth, least_request, maglev, peak_ewma, pick_first, random, rendezvous, ring_hash, round_robin, weighted_response_time, weighted_round_robin")]
    [InlineData("\"Policy\": \"\"", "Policy = \"\": must be the name of a policy: ip_hash, least_bandwidth, least_request, maglev, peak_ewma, pick_first, random, rendezvous, ring_hash, round_robin, weighted_response_time, weighted_round_robin")]
    [InlineData("\"Policy\": \"fastest\", \"PolicyOptions\": { \"Speed\": 1 }", "Policy = \"fastest\": must be the name of a policy: ip_hash, least_bandwidth, least_request, maglev, peak_ewma, pick_first, random, rendezvous, ring_hash, round_robin, weighted_response_time, weighted_round_robin")]
    [InlineData("\"Policy\": { \"Name\": \"random\" }", "Policy: must be the name of a policy: ip_hash, least_bandwidth, least_request, maglev, peak_ewma, pick_first, random, rendezvous, ring_hash, round_robin, weighted_response_time, weighted_round_robin, not a section")]
    [InlineData("\"PolicyOptions\": 2", "PolicyOptions = \"2\": must be a section with keys of its own")]
    [InlineData("\"PolicyOptions\": { \"ChoiceCount\": 0 }", "PolicyOptions:ChoiceCount = \"0\": must be a whole number, 1 or more")]
    [InlineData("\"PolicyOptions\": { \"ChoiceCount\": 2.5 }", "PolicyOptions:ChoiceCount = \"2.5\": must be a whole number, 1 or more")]
    [InlineData("\"PolicyOptions\": { \"FullScan\": \"yes\" }", "PolicyOptions:FullScan = \"yes\": must be true or false")]
    [InlineData("\"PolicyOptions\": { \"Choices\": 2 }", "PolicyOptions:Choices: unknown key; allowed: ChoiceCount, FullScan")]
    [InlineData("\"Policy\": \"random\", \"PolicyOptions\": { \"ChoiceCount\": 2 }", "PolicyOptions:ChoiceCount: unknown key; allowed: none")]
    [InlineData("\"Policy\": \"maglev\", \"PolicyOptions\": { \"TableSize\": 65536 }", "PolicyOptions:TableSize = \"65536\": must be a prime from 2 to 5000011, for example 65537")]
    [InlineData("\"Policy\": \"ip_hash\", \"PolicyOptions\": { \"TableSize\": \"many\" }", "PolicyOptions:TableSize = \"many\": must be a prime from 2 to 5000011, for example 65537")]
    [InlineData("\"Policy\": \"maglev\", \"PolicyOptions\": { \"BoundedLoadFactor\": 0.5 }", "PolicyOptions:BoundedLoadFactor = \"0.5\": must be 0 (off) or a finite number, 1 or more, for example 1.25")]
    [InlineData("\"Policy\": \"maglev\", \"PolicyOptions\": { \"BoundedLoadFactor\": \"1,25\" }", "PolicyOptions:BoundedLoadFactor = \"1,25\": must be 0 (off) or a finite number, 1 or more, for example 1.25")]
    [InlineData("\"Policy\": \"maglev\", \"PolicyOptions\": { \"BoundedLoadFactor\": \"NaN\" }", "PolicyOptions:BoundedLoadFactor = \"NaN\": must be 0 (off) or a finite number, 1 or more, for example 1.25")]
    [InlineData("\"Policy\": \"ring_hash\", \"PolicyOptions\": { \"BoundedLoadFactor\": \"Infinity\" }", "PolicyOptions:BoundedLoadFactor = \"Infinity\": must be 0 (off) or a finite number, 1 or more, for example 1.25")]
    [InlineData("\"Policy\": \"ring_hash\", \"PolicyOptions\": { \"MinRingSize\": 0 }", "PolicyOptions:MinRingSize = \"0\": must be a whole number from 1 to 8388608")]
    [InlineData("\"Policy\": \"ring_hash\", \"PolicyOptions\": { \"MinRingSize\": 0, \"MaxRingSize\": 100 }", "PolicyOptions:MinRingSize = \"0\": must be a whole number from 1 to 8388608")]
    [InlineData("\"Policy\": \"ring_hash\", \"PolicyOptions\": { \"MinRingSize\": 2000, \"MaxRingSize\": \"few\" }", "PolicyOptions:MaxRingSize = \"few\": must be a whole number from 1 to 8388608")]
    [InlineData("\"Policy\": \"ring_hash\", \"PolicyOptions\": { \"MaxRingSize\": 1000 }", "PolicyOptions:MaxRingSize = \"1000\": must not be below MinRingSize, which is 1024")]
    [InlineData("\"Policy\": \"ring_hash\", \"PolicyOptions\": { \"RingSize\": 1000 }", "PolicyOptions:RingSize: unknown key; allowed: BoundedLoadFactor, MaxRingSize, MinRingSize")]
    [InlineData("\"PanicThreshold\": 1.5", "PanicThreshold = \"1.5\": must be a finite number from 0 to 1")]
    [InlineData("\"SubsetSize\": 0", "SubsetSize = \"0\": must be a whole number, 1 or more")]
    [InlineData("\"PanicThreshold\": \"NaN\"", "PanicThreshold = \"NaN\": must be a finite number from 0 to 1")]
    [InlineData("\"PanicThreshold\": \"0,5\"", "PanicThreshold = \"0,5\": must be a finite number from 0 to 1")]
    [InlineData("\"FailClosed\": 1", "FailClosed = \"1\": must be true or false")]
    [InlineData("\"FirstBackendsTimeout\": 30", "FirstBackendsTimeout = \"30\": must be a time from 00:00:00.001 to 1.00:00:00, written like \"00:00:30\" (a number alone would mean days)")]
    [InlineData("\"FirstBackendsTimeout\": \"00:00:00\"", "FirstBackendsTimeout = \"00:00:00\": must be a time from 00:00:00.001 to 1.00:00:00, written like \"00:00:30\" (a number alone would mean days)")]
    [InlineData("\"FirstBackendsTimeout\": \"24:00:00\"", "FirstBackendsTimeout = \"24:00:00\": must be a time from 00:00:00.001 to 1.00:00:00, written like \"00:00:30\" (a number alone would mean days)")]
    [InlineData("\"HealthChecks\": true", "HealthChecks = \"True\": must be a section with keys of its own")]
    [InlineData("\"HealthChecks\": { \"Kind\": \"ping\" }", "HealthChecks:Kind = \"ping\": must be http, tcp or grpc")]
    [InlineData("\"HealthChecks\": { \"Path\": \"health\" }", "HealthChecks:Path = \"health\": must be a path that begins with '/', without a fragment")]
    [InlineData("\"HealthChecks\": { \"Path\": \"/#top\" }", "HealthChecks:Path = \"/#top\": must be a path that begins with '/', without a fragment")]
    [InlineData("\"HealthChecks\": { \"ExpectedStatuses\": \"2xx\" }", "HealthChecks:ExpectedStatuses = \"2xx\": must be statuses from 100 to 599 and ranges of them, such as 200-299,404")]
    [InlineData("\"HealthChecks\": { \"Address\": \"a b\" }", "HealthChecks:Address = \"a b\": must be a host name or an IP address")]
    [InlineData("\"HealthChecks\": { \"Host\": \"http://x\" }", "HealthChecks:Host = \"http://x\": must be a host, or host:port")]
    [InlineData("\"HealthChecks\": { \"Port\": 0 }", "HealthChecks:Port = \"0\": must be a whole number from 1 to 65535")]
    [InlineData("\"HealthChecks\": { \"Interval\": \"5\" }", "HealthChecks:Interval = \"5\": must be a time from 00:00:00.01 to 1.00:00:00, written like \"00:00:30\" (a number alone would mean days)")]
    [InlineData("\"HealthChecks\": { \"Interval\": \"00:00:03\", \"Timeout\": \"00:00:04\" }", "HealthChecks:Timeout = \"00:00:04\": must be a time from 00:00:00.001 to 00:00:03, written like \"00:00:30\" (a number alone would mean days)")]
    [InlineData("\"HealthChecks\": { \"UnhealthyThreshold\": 0 }", "HealthChecks:UnhealthyThreshold = \"0\": must be a whole number from 1 to 1000")]
    [InlineData("\"HealthChecks\": { \"HealthyThreshold\": 0 }", "HealthChecks:HealthyThreshold = \"0\": must be a whole number from 1 to 1000")]
    [InlineData("\"HealthChecks\": { \"InitiallyHealthy\": 1 }", "HealthChecks:InitiallyHealthy = \"1\": must be true or false")]
    [InlineData("\"HealthChecks\": { \"Jitter\": 0.6 }", "HealthChecks:Jitter = \"0.6\": must be a finite number from 0 to 0.5")]
    [InlineData("\"HealthChecks\": { \"MaxConcurrent\": 0 }", "HealthChecks:MaxConcurrent = \"0\": must be a whole number from 1 to 10000")]
    [InlineData("\"HealthChecks\": { \"Probe\": \"mine\" }", "HealthChecks:Probe: unknown key; allowed: Address, Enabled, ExpectedStatuses, GrpcService, HealthyThreshold, Host, InitiallyHealthy, Interval, Jitter, Kind, MaxConcurrent, Path, Port, Timeout, UnhealthyThreshold")]
    [InlineData("\"ZoneAware\": { \"MinBackends\": -1 }", "ZoneAware:MinBackends = \"-1\": must be a whole number, 0 or more")]
    [InlineData("\"ZoneAware\": { \"CallerShares\": { \"a\": -1, \"b\": 1 } }", "ZoneAware:CallerShares:a = \"-1\": must be a finite number, 0 or more")]
    [InlineData("\"ZoneAware\": { \"CallerShares\": { \"a\": 0 } }", "ZoneAware:CallerShares: must have a share above 0")]
    [InlineData("\"ZoneAware\": { \"Zone\": \"a\" }", "ZoneAware:Zone: unknown key; allowed: CallerShares, Enabled, MinBackends")]
    [InlineData("\"Locality\": { \"Rack\": \"7\" }", "Locality:Rack: unknown key; allowed: Region, SubZone, Zone")]
    [InlineData("\"SlowStart\": { \"Window\": \"00:00:00\" }", "SlowStart:Window = \"00:00:00\": must be a time from 00:00:01 to 1.00:00:00, written like \"00:00:30\" (a number alone would mean days)")]
    [InlineData("\"SlowStart\": { \"Aggression\": 0 }", "SlowStart:Aggression = \"0\": must be a finite number from 0.01 to 100")]
    [InlineData("\"SlowStart\": { \"MinWeight\": 0 }", "SlowStart:MinWeight = \"0\": must be a finite number from 0.001 to 1")]
    [InlineData("\"ServiceLevel\": { \"ReducedBelow\": 2 }", "ServiceLevel:ReducedBelow = \"2\": must be a finite number from 0 to 1")]
    [InlineData("\"ServiceLevel\": { \"ReducedBelow\": 0.6, \"CriticalBelow\": 0.7 }", "ServiceLevel:CriticalBelow = \"0.7\": must be a finite number from 0 to 0.6")]
    [InlineData("\"Telemetry\": true", "Telemetry = \"True\": must be a section with keys of its own")]
    [InlineData("\"Telemetry\": { \"RecordPeers\": \"no\" }", "Telemetry:RecordPeers = \"no\": must be true or false")]
    [InlineData("\"Telemetry\": { \"Peers\": false }", "Telemetry:Peers: unknown key; allowed: RecordPeers")]
    [InlineData("\"Dns\": \"orders\"", "Dns = \"orders\": must be a section with keys of its own")]
    [InlineData("\"Dns\": { \"Host\": \"orders\" }", "Dns:Port: is missing; must be a whole number from 1 to 65535")]
    [InlineData("\"Dns\": { \"Port\": 80 }", "Dns:Host: is missing; must be a host name or an IP address")]
    [InlineData("\"Dns\": { \"Host\": \"a b\", \"Port\": 80 }", "Dns:Host = \"a b\": must be a host name or an IP address")]
    [InlineData("\"Dns\": { \"Host\": \"orders\", \"Port\": 0 }", "Dns:Port = \"0\": must be a whole number from 1 to 65535")]
    [InlineData("\"Dns\": { \"Host\": \"orders\", \"Port\": 80, \"Scheme\": \"ftp\" }", "Dns:Scheme = \"ftp\": must be http, https or tcp")]
    [InlineData("\"Dns\": { \"Host\": \"orders\", \"Port\": 80, \"AddressFamily\": \"4\" }", "Dns:AddressFamily = \"4\": must be any, ipv4 or ipv6")]
    [InlineData("\"Dns\": { \"Host\": \"orders\", \"Port\": 80, \"RefreshInterval\": \"30\" }", "Dns:RefreshInterval = \"30\": must be a time from 00:00:01 to 1.00:00:00, written like \"00:00:30\" (a number alone would mean days)")]
    [InlineData("\"Dns\": { \"Host\": \"orders\", \"Port\": 80, \"Interval\": 1 }", "Dns:Interval: unknown key; allowed: AddressFamily, Host, Port, RefreshInterval, Scheme")]
    public void Section_BadValue_IsNamed(string text, string error) => Errors($"{text}, {Good}").ShouldBe([error]);

    [Theory]
    [InlineData("\"http://10.0.0.1:80\"", "Backends = \"http://10.0.0.1:80\": must be a map from id to address or object, or a list of these")]
    [InlineData("{ \"a\": \"10.0.0.1\" }", $"Backends:a = \"10.0.0.1\": {Address}")]
    [InlineData("{ \"a\": \"ftp://10.0.0.1\" }", $"Backends:a = \"ftp://10.0.0.1\": {Address}")]
    [InlineData("{ \"a\": \"http://10.0.0.1/?q\" }", "Backends:a = \"http://10.0.0.1/?q\": must not have a query, a fragment or user information")]
    [InlineData("{ \"a\": \"tcp://10.0.0.1\" }", "Backends:a = \"tcp://10.0.0.1\": must name a port from 1 to 65535")]
    [InlineData("{ \"a\": \"\" }", $"Backends:a = \"\": {Address}")]
    [InlineData("[ \"10.0.0.1\" ]", $"Backends:0 = \"10.0.0.1\": {Address}")]
    [InlineData("{ \"a\": { \"Address\": \"/x\" } }", $"Backends:a:Address = \"/x\": {Address}")]
    [InlineData("{ \"a\": { \"Weight\": 1 } }", $"Backends:a:Address: is missing; {Address}")]
    [InlineData("{ \"a\": null }", $"Backends:a:Address: is missing; {Address}")]
    [InlineData("{ \"\": \"http://10.0.0.1\" }", "Backends: = \"http://10.0.0.1\": must have an id as its key")]
    [InlineData("{ \"a\": { \"Address\": \"http://x\", \"Weight\": -1 } }", "Backends:a:Weight = \"-1\": must be a finite number, 0 or more")]
    [InlineData("{ \"a\": { \"Address\": \"http://x\", \"Weight\": \"Infinity\" } }", "Backends:a:Weight = \"Infinity\": must be a finite number, 0 or more")]
    [InlineData("{ \"a\": { \"Address\": \"http://x\", \"Weight\": \"\" } }", "Backends:a:Weight = \"\": must be a finite number, 0 or more")]
    [InlineData("{ \"a\": { \"Address\": \"http://x\", \"Weight\": { \"Value\": 1 } } }", "Backends:a:Weight: must be a finite number, 0 or more, not a section")]
    [InlineData("{ \"a\": { \"Address\": \"http://x\", \"Priority\": -1 } }", "Backends:a:Priority = \"-1\": must be a whole number, 0 or more")]
    [InlineData("{ \"a\": { \"Address\": \"http://x\", \"MaxConcurrency\": 0 } }", "Backends:a:MaxConcurrency = \"0\": must be a whole number, 1 or more")]
    [InlineData("{ \"a\": { \"Address\": \"http://x\", \"HostName\": \"\" } }", "Backends:a:HostName = \"\": must be a host, or host:port")]
    [InlineData("{ \"a\": { \"Address\": \"http://x\", \"HostName\": \"not a host!\" } }", "Backends:a:HostName = \"not a host!\": must be a host, or host:port")]
    [InlineData("{ \"a\": { \"Address\": \"http://x\", \"HostName\": \"http://x\" } }", "Backends:a:HostName = \"http://x\": must be a host, or host:port")]
    [InlineData("{ \"a\": { \"Address\": \"http://x\", \"Locality\": \"eu\" } }", "Backends:a:Locality = \"eu\": must be a section with keys of its own")]
    [InlineData("{ \"a\": { \"Address\": \"http://x\", \"Locality\": { \"Rack\": \"7\" } } }", "Backends:a:Locality:Rack: unknown key; allowed: Region, SubZone, Zone")]
    [InlineData("{ \"a\": { \"Address\": \"http://x\", \"Metadata\": \"eu\" } }", "Backends:a:Metadata = \"eu\": must be a section of names and texts")]
    [InlineData("{ \"a\": { \"Address\": \"http://x\", \"Metadata\": { \"b\": { \"c\": \"d\" } } } }", "Backends:a:Metadata:b: must be a text, not a section")]
    [InlineData("{ \"a\": { \"Address\": \"http://x\", \"Wieght\": 1 } }", $"Backends:a:Wieght: unknown key; {BackendKeys}")]
    [InlineData("{ \"a\": { \"Address\": \"http://x\", \"Id\": \"b\" } }", $"Backends:a:Id: unknown key; {BackendKeys}")]
    [InlineData("[ { \"Address\": \"http://x\", \"Id\": \"\" } ]", "Backends:0:Id = \"\": must be a text that is not empty")]
    [InlineData("[ \"http://x\", \"http://x\" ]", "Backends:1 = \"http://x\": id 'x:80' is that of Backends:0 too; must be unique")]
    [InlineData("[ \"http://x\", { \"Address\": \"http://y\", \"Id\": \"x:80\" } ]", "Backends:1: id 'x:80' is that of Backends:0 too; must be unique")]
    public void Backends_BadValue_IsNamed(string backends, string error) => Errors($"\"Backends\": {backends}").ShouldBe([error]);

    [Fact]
    public void Backends_AddressTwice_IsNamed() =>
        Errors(""" "Backends": { "a": "http://10.0.0.1:80" } """, """ "Backends": { "a": { "Address": "http://10.0.0.2:80" } } """)
            .ShouldBe(["Backends:a = \"http://10.0.0.1:80\": must not have an address of its own beside the key Address"]);

    [Fact]
    public void Section_SeveralProblems_AreAllInOneMessageOnePerLine()
    {
        OptionsValidationException exception = Should.Throw<OptionsValidationException>(() => Build(
            """ "Polcy": "random", "Backends": { "a": { "Address": "http://10.0.0.1:80", "Weight": -1 }, "b": "10.0.0.2" } """));

        string[] problems =
        [
            "LoadBalancing:orders:Backends:a:Weight = \"-1\": must be a finite number, 0 or more",
            $"LoadBalancing:orders:Backends:b = \"10.0.0.2\": {Address}",
            $"LoadBalancing:orders:Polcy: unknown key; allowed: {SectionKeys.OfTheEngine}",
        ];
        exception.Failures.ShouldBe(problems);
        exception.Message.Split(Environment.NewLine).ShouldBe(problems);
    }

    [Fact]
    public void Section_Missing_IsNamed() =>
        Should.Throw<OptionsValidationException>(() => new BalancerBuilder("orders").UseConfiguration(EditableJson.Configuration().GetSection("LoadBalancing:orders")).Build())
            .Message.ShouldBe("LoadBalancing:orders: the section is missing or empty; it needs Backends or Dns");

    [Theory]
    [InlineData("\"Policy\": \"random\"")]
    [InlineData("\"Dns\": {}")]
    public void Section_NeitherBackendsNorDns_IsNamed(string text) =>
        Should.Throw<OptionsValidationException>(() => Build(text)).Failures.ShouldBe(
            ["LoadBalancing:orders: must have Backends, or Dns with Host and Port, since nothing in code adds backends to service 'orders' (AddBackends, AddSource, UseDns)"]);

    [Fact]
    public void Build_NeitherCodeNorConfigurationAddsBackends_IsNamed() =>
        Should.Throw<OptionsValidationException>(() => new BalancerBuilder("orders").Build())
            .Message.ShouldBe("Service 'orders' has no backends: add some (AddBackends, or \"Backends\" in its configuration section), or a source of them (AddSource, UseDns, or \"Dns\").");

    [Fact]
    public void Backends_ListAndMapMerged_IsRefused() =>
        Errors(""" "Backends": [ "http://10.0.0.1:80", "10.0.0.2" ] """, """ "Backends": { "b": "http://10.0.0.2:80" } """)
            .ShouldBe(["Backends: must be a list (its keys are numbers, such as '0' here) or a map from id to backend (such as 'b'), not both at once"]);

    [Fact]
    public void Build_SameIdInCodeAndConfiguration_IsNamed() =>
        Should.Throw<OptionsValidationException>(() => new BalancerBuilder("orders").AddBackends(new Backend("http://10.0.0.2:80") { Id = "a" }).UseConfiguration(EditableJson.Orders(Good)).Build())
            .Message.ShouldBe("Service 'orders': backend id 'a' is used more than once (http://10.0.0.2/, http://10.0.0.1/); ids must be unique.");

    [Fact]
    public void Build_BadOptionsInCode_AreAllNamed() =>
        Should.Throw<OptionsValidationException>(() => new BalancerBuilder("orders").Configure(options =>
            {
                options.Policy = null!;
                options.PanicThreshold = double.NaN;
                options.FirstBackendsTimeout = TimeSpan.Zero;
                options.HasBackends = true;
            }).Build())
            .Failures.ShouldBe(
            [
                "Service 'orders': Policy must not be null.",
                "Service 'orders': PanicThreshold = NaN: must be from 0 to 1.",
                "Service 'orders': FirstBackendsTimeout = 00:00:00: must be above 0 and at most 1.00:00:00.",
            ]);

    [Fact]
    public void Section_ReadInAnotherCulture_MeansTheSame()
    {
        CultureInfo culture = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");

            using Balancer balancer = Build(""" "Backends": { "a": { "Address": "http://10.0.0.1:80", "Weight": "1.5" } } """);

            balancer.Backends[0].Description.Weight.ShouldBe(1.5);
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    /// <summary>The problems, without the path that they all begin with.</summary>
    private static string[] Errors(params string[] texts) =>
        [.. Should.Throw<OptionsValidationException>(() => Build(texts)).Failures.Select(failure => failure.Replace("LoadBalancing:orders:", "", StringComparison.Ordinal))];

    private static Balancer Build(params string[] texts) => new BalancerBuilder("orders").UseConfiguration(EditableJson.Orders(texts)).Build();
}
