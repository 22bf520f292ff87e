using System.Text.Json;
using System.Text.Json.Nodes;
using LoadBalancing.Client.Simulation.Scenarios;
using LoadBalancing.Client.Simulation.Tests.Support;

namespace LoadBalancing.Client.Simulation.Tests.Running;

/// <summary>Every key of a balancer's configuration does something in a scenario, or is said to do nothing.</summary>
public sealed class BalancerKeysTests
{
    /// <summary>Each key, a value for it that is not its default, and what else the section says with and without it.</summary>
    private static readonly (string Key, string Value, string Others)[] Keys =
    [
        ("Policy", "\"random\"", "{ }"),
        ("PolicyOptions:ChoiceCount", "4", """{ "Policy": "least_request" }"""),
        ("PolicyOptions:FullScan", "true", """{ "Policy": "least_request" }"""),
        ("PolicyOptions:Decay", "\"00:00:00.1\"", """{ "Policy": "peak_ewma" }"""),
        ("PolicyOptions:Window", "\"00:00:01\"", """{ "Policy": "weighted_response_time" }"""),
        ("PolicyOptions:MinRingSize", "16", """{ "Policy": "ring_hash" }"""),
        ("PolicyOptions:MaxRingSize", "16", """{ "Policy": "ring_hash", "PolicyOptions": { "MinRingSize": 16 } }"""),
        ("PolicyOptions:TableSize", "31", """{ "Policy": "maglev" }"""),
        ("PolicyOptions:BoundedLoadFactor", "1.1", """{ "Policy": "maglev" }"""),
        ("CircuitBreaker:Enabled", "false", "{ }"),
        ("CircuitBreaker:ConsecutiveFailures", "2", "{ }"),
        ("CircuitBreaker:FailureRatio", "0.1", "{ }"),
        ("CircuitBreaker:MinimumThroughput", "1", "{ }"),
        ("CircuitBreaker:SamplingDuration", "\"00:00:01\"", "{ }"),
        ("CircuitBreaker:BreakDuration", "\"00:00:01\"", "{ }"),
        ("CircuitBreaker:MaxBreakDuration", "\"00:00:05\"", "{ }"),
        ("CircuitBreaker:Jitter", "0", "{ }"),
        ("CircuitBreaker:HalfOpenPermits", "10", "{ }"),
        ("CircuitBreaker:PermitTimeout", "\"00:00:00.010\"", "{ }"),
        ("CircuitBreaker:SuccessesToClose", "20", "{ }"),
        ("OutlierDetection:Enabled", "true", """{ "CircuitBreaker": { "Enabled": false } }"""),
        ("OutlierDetection:ConsecutiveFailures", "2", Outliers()),
        ("OutlierDetection:Interval", "\"00:00:01\"", ByRate()),
        ("OutlierDetection:BaseEjectionTime", "\"00:00:01\"", Outliers()),
        ("OutlierDetection:MaxEjectionTime", "\"00:00:03\"", Outliers("\"BaseEjectionTime\": \"00:00:03\"")),
        ("OutlierDetection:MaxEjectionTimeJitter", "\"00:00:00\"", Outliers()),
        ("OutlierDetection:MaxEjectionPercent", "10", Outliers()),
        ("OutlierDetection:SuccessRate:Enabled", "false", ByRate()),
        ("OutlierDetection:SuccessRate:StdevFactor", "3", ByRate()),
        ("OutlierDetection:SuccessRate:MinimumHosts", "100", ByRate()),
        ("OutlierDetection:SuccessRate:RequestVolume", "10000", ByRate()),
        ("OutlierDetection:FailurePercentage:Enabled", "false", ByPercentage()),
        ("OutlierDetection:FailurePercentage:Threshold", "5", ByPercentage()),
        ("OutlierDetection:FailurePercentage:MinimumHosts", "100", ByPercentage()),
        ("OutlierDetection:FailurePercentage:RequestVolume", "10000", ByPercentage()),
        ("HealthChecks:Enabled", "true", "{ }"),
        ("HealthChecks:Interval", "\"00:00:01\"", Probes()),
        ("HealthChecks:Timeout", "\"00:00:00.100\"", Probes()),
        ("HealthChecks:UnhealthyThreshold", "1", Probes()),
        ("HealthChecks:HealthyThreshold", "6", Probes()),
        ("HealthChecks:InitiallyHealthy", "false", Probes()),
        ("HealthChecks:Jitter", "0", Probes()),
        ("HealthChecks:MaxConcurrent", "1", Probes()),
        ("HealthChecks:Kind", "\"tcp\"", Probes()),
        ("HealthChecks:Path", "\"/health\"", Probes()),
        ("HealthChecks:ExpectedStatuses", "\"500\"", Probes()),
        ("HealthChecks:GrpcService", "\"orders\"", Probes()),
        ("HealthChecks:Port", "81", Probes()),
        ("HealthChecks:Address", "\"10.0.0.1\"", Probes()),
        ("HealthChecks:Host", "\"orders\"", Probes()),
        ("PanicThreshold", "0.9", "{ }"),
        ("FailClosed", "true", "{ }"),
        ("SubsetSize", "2", "{ }"),
        ("ZoneAware:Enabled", "true", """{ "Locality": { "Zone": "a" } }"""),
        ("ZoneAware:MinBackends", "1", """{ "ZoneAware": { "Enabled": true, "MinBackends": 100 }, "Locality": { "Zone": "a" } }"""),
        ("ZoneAware:CallerShares", """{ "a": 9, "b": 1 }""", """{ "ZoneAware": { "Enabled": true }, "Locality": { "Zone": "a" } }"""),
        ("Locality:Region", "\"other\"", """{ "ZoneAware": { "Enabled": true }, "Locality": { "Zone": "a" } }"""),
        ("Locality:Zone", "\"a\"", """{ "ZoneAware": { "Enabled": true } }"""),
        ("SlowStart:Enabled", "true", "{ }"),
        ("SlowStart:Window", "\"00:00:05\"", """{ "SlowStart": { "Enabled": true } }"""),
        ("SlowStart:Aggression", "5", """{ "SlowStart": { "Enabled": true } }"""),
        ("SlowStart:MinWeight", "0.9", """{ "SlowStart": { "Enabled": true } }"""),
        ("ServiceLevel:ReducedBelow", "1", "{ }"),
        ("ServiceLevel:CriticalBelow", "0.1", "{ }"),
        ("FirstBackendsTimeout", "\"00:00:00.001\"", """{ "HealthChecks": { "InitiallyHealthy": false }, "FailClosed": true }"""),
        ("Telemetry:RecordPeers", "false", "{ }"),
        ("AttemptTimeout", "\"00:00:00.050\"", "{ }"),
        ("RequestTimeout", "\"00:00:00.050\"", "{ }"),
        ("ConnectTimeout", "\"00:00:01\"", "{ }"),
        ("Retry:Enabled", "false", """{ "Retry": { "MaxAttempts": 3 } }"""),
        ("Retry:MaxAttempts", "2", """{ "Retry": { "Enabled": true } }"""),
        ("Retry:BaseDelay", "\"00:00:00.001\"", """{ "Retry": { "Enabled": true } }"""),
        ("Retry:MaxDelay", "\"00:00:00.001\"", """{ "Retry": { "Enabled": true } }"""),
        ("Retry:MaxRetryAfter", "\"00:00:00.001\"", """{ "Retry": { "Enabled": true } }"""),
        ("Retry:MaxBufferedBodyBytes", "1000", """{ "Retry": { "Enabled": true } }"""),
        ("Retry:Budget:Enabled", "false", """{ "Retry": { "Budget": { "Ratio": 0, "MinRetries": 1 } } }"""),
        ("Retry:Budget:Ratio", "0", """{ "Retry": { "Budget": { "MinRetries": 1 } } }"""),
        ("Retry:Budget:MinRetries", "1", """{ "Retry": { "Budget": { "Ratio": 0 } } }"""),
        ("Hedging:Enabled", "true", "{ }"),
        ("Hedging:Delay", "\"00:00:00.010\"", """{ "Hedging": { "Enabled": true } }"""),
        ("Hedging:Percentile", "0.5", """{ "Hedging": { "Enabled": true } }"""),
        ("Hedging:MinSamples", "5000", """{ "Hedging": { "Enabled": true } }"""),
        ("Hedging:MaxHedges", "3", """{ "Hedging": { "Enabled": true, "Percentile": 0.5 } }"""),
        ("MaxQueue", "0", "{ }"),
        ("QueueTimeout", "\"00:00:00.001\"", "{ }"),
        ("Authorities", "[ \"orders\" ]", "{ }"),
        ("HashOn", "[ \"header:X-User\" ]", """{ "Policy": "maglev" }"""),
    ];

    /// <summary>Not even an application has anything of it: two places are in the same zone whatever their subzones are.</summary>
    private static readonly string[] KeysWithoutAnyUse = ["Locality:SubZone"];

    public static TheoryData<string, string, string> Rows
    {
        get
        {
            TheoryData<string, string, string> rows = [];
            Array.ForEach(Keys, row => rows.Add(row.Key, row.Value, row.Others));
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Run_KeyOfTheBalancer_ChangesTheResultOrIsSaidToChangeNothing(string key, string value, string others)
    {
        JsonObject section = JsonNode.Parse(others)!.AsObject();
        string without = Describe(Play(section));
        Set(section, key.Split(':'), JsonNode.Parse(value)!);
        RunResult result = Play(section);

        bool hasEffect = !BalancerSection.KeysWithoutEffect.Contains(key, StringComparer.Ordinal);
        (Describe(result) != without).ShouldBe(hasEffect);
        result.Notices.Contains($"scenario: $.balancer.{key.Replace(':', '.')} has no effect in a simulation.").ShouldBe(!hasEffect);
    }

    /// <summary>Asked for a key that it does not know, a section says which it does.</summary>
    [Fact]
    public void Rows_AllKeysThatConfigurationKnows_AreThere()
    {
        string[] known = [.. FindKeys("").Concat(FindPolicyOptions()).Except(["Backends", "Dns"], StringComparer.Ordinal).Distinct(StringComparer.Ordinal)];

        known.Length.ShouldBeGreaterThan(80);
        Keys.Select(row => row.Key).Concat(KeysWithoutAnyUse).ShouldBe(known, ignoreOrder: true);
    }

    private static IEnumerable<string> FindKeys(string path)
    {
        string section = path.Length == 0 ? "" : path + ":";
        return FindAllowed(path, new JsonObject())?.SelectMany(key => FindKeys(section + key) is var keys && keys.Any() ? keys : [section + key]) ?? [];
    }

    private static IEnumerable<string> FindPolicyOptions() =>
        new[] { "least_request", "peak_ewma", "weighted_response_time", "least_bandwidth", "ring_hash", "maglev", "ip_hash", "rendezvous", "random", "round_robin", "weighted_round_robin", "pick_first" }
            .SelectMany(policy => FindAllowed("PolicyOptions", new JsonObject { ["Policy"] = policy })!)
            .Where(option => option != "none")
            .Select(option => "PolicyOptions:" + option);

    /// <summary>The keys of a section; <see langword="null"/> for what is none.</summary>
    private static string[]? FindAllowed(string path, JsonObject section)
    {
        Set(section, [.. path.Split(':', StringSplitOptions.RemoveEmptyEntries), "?"], 1);
        try
        {
            Play(section);
            return null;
        }
        catch (ScenarioException exception)
        {
            return exception.Message.Contains("?: unknown key; allowed: ", StringComparison.Ordinal) ? exception.Message.Split("allowed: ")[1].Split(", ") : null;
        }
    }

    private static void Set(JsonObject section, string[] path, JsonNode value)
    {
        foreach (string key in path[..^1])
        {
            section = (section[key] ??= new JsonObject()).AsObject();
        }

        section[path[^1]] = value;
    }

    private static string Describe(RunResult result) => JsonSerializer.Serialize(result with { Notices = [] });

    private static string Outliers(string more = "\"Enabled\": true") => $$"""{ "CircuitBreaker": { "Enabled": false }, "OutlierDetection": { "Interval": "00:00:02", {{more}} } }""";

    private static string ByRate() => Outliers("""
        "ConsecutiveFailures": 0, "SuccessRate": { "StdevFactor": 1, "MinimumHosts": 3, "RequestVolume": 10 }
        """);

    private static string ByPercentage() => Outliers("""
        "ConsecutiveFailures": 0, "SuccessRate": { "Enabled": false }, "FailurePercentage": { "Threshold": 60, "MinimumHosts": 3, "RequestVolume": 10 }
        """);

    private static string Probes() => """{ "CircuitBreaker": { "Enabled": false }, "HealthChecks": { "Enabled": true, "Interval": "00:00:02" } }""";

    /// <summary>Something for everybody: zones, weights, caps and lines, failures, pauses, a cold start, and a few seconds in which hardly anything works.</summary>
    private static RunResult Play(JsonObject balancer) => Played.Run($$"""
        {
          "durationSeconds": 40, "arrivals": { "ratePerSecond": 150, "events": [ { "atSeconds": 5, "untilSeconds": 6, "ratePerSecond": 1500 } ] }, "timeoutSeconds": 1, "keys": { "count": 200, "skew": 1 },
          "balancer": {{balancer.ToJsonString()}},
          "backends": [
            { "id": "a", "count": 4, "locality": { "region": "r", "zone": "a" }, "maxConcurrency": 20, "concurrency": 6, "latency": { "distribution": "lognormal", "meanMs": 30, "sigma": 1 },
              "events": [ { "atSeconds": 3, "untilSeconds": 5, "everySeconds": 9, "staggerSeconds": 2, "errorRate": 0.7 }, { "atSeconds": 20, "untilSeconds": 21, "hang": true } ] },
            { "id": "b", "count": 4, "weight": 0.3, "locality": { "region": "r", "zone": "b" }, "maxConcurrency": 20, "concurrency": 6, "latency": { "distribution": "exponential", "meanMs": 30 },
              "events": [ { "atSeconds": 0, "untilSeconds": 0.5, "everySeconds": 12, "staggerSeconds": 1, "down": true }, { "atSeconds": 8, "untilSeconds": 10, "removed": true }, { "atSeconds": 14, "untilSeconds": 24, "errorRate": 1 } ] },
            { "id": "spare", "priority": 1, "latency": { "distribution": "exponential", "meanMs": 60 }, "events": [ { "atSeconds": 0, "untilSeconds": 30, "down": true } ] } ]
        }
        """);
}
