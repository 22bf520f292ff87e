using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using LoadBalancing.Client.Simulation.Scenarios;

namespace LoadBalancing.Client.Simulation.Tests.Scenarios;

/// <summary>Whatever is done to a scenario, it is played, or refused in one line that names file and path.</summary>
public sealed partial class SpoiltScenarioTests
{
    private const string Valid = """
        {
          "name": "spoilt", "seed": 1, "durationSeconds": 0.5, "warmupSeconds": 0.1, "clients": 2, "clientLocalities": [ { "zone": "a" }, { "region": "r", "zone": "b", "subZone": "s" } ],
          "arrivals": { "process": "poisson", "ratePerSecond": 200, "events": [ { "atSeconds": 0.1, "untilSeconds": 0.2, "everySeconds": 0.3, "ratePerSecond": 400 } ] },
          "keys": { "count": 10, "skew": 1 }, "responseBytes": 100, "timeoutSeconds": 0.2, "cancelOnTimeout": true, "attempts": 3,
          "balancer": {
            "Policy": "least_request", "PolicyOptions": { "ChoiceCount": 2 }, "SubsetSize": 3, "PanicThreshold": 0.3, "FailClosed": false, "FirstBackendsTimeout": "00:00:01", "AttemptTimeout": "00:00:00.100",
            "OutlierDetection": { "Interval": "00:00:00.100", "SuccessRate": { "StdevFactor": 1.5 } }, "CircuitBreaker": { "BreakDuration": "00:00:00.100", "FailureRatio": 0.5 },
            "HealthChecks": { "Interval": "00:00:00.100", "InitiallyHealthy": false }, "ZoneAware": { "Enabled": true, "CallerShares": { "a": 1, "b": 1 } }, "Locality": { "Zone": "a" }, "SlowStart": { "Window": "00:00:01" },
            "Retry": { "BaseDelay": "00:00:00.001", "Budget": { "Ratio": 0.5 } }, "Hedging": { "Enabled": true, "Delay": "00:00:00.010" }, "MaxQueue": 10, "HashOn": [ "header:X-User" ]
          },
          "backends": [
            { "id": "a", "count": 2, "latency": { "distribution": "normal", "meanMs": 20, "spreadMs": 5 }, "errorRate": 0.1, "errorLatencyMs": 1, "concurrency": 2, "weight": 1, "priority": 0, "maxConcurrency": 5,
              "locality": { "zone": "a" }, "events": [ { "atSeconds": 0.1, "untilSeconds": 0.2, "everySeconds": 0.2, "staggerSeconds": 0.1, "down": true } ] },
            { "latency": { "distribution": "lognormal", "meanMs": 20, "sigma": 1 }, "events": [ { "atSeconds": 0.1, "hang": true }, { "atSeconds": 0.2, "removed": true, "weight": 2 } ] } ]
        }
        """;

    /// <summary>What takes the place of a value, as it stands in the file.</summary>
    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-0", "-1", "1", "2", "0.5", "1.5", "1e-9", "1e-320", "100", "1000000", "2147483648", "9223372036854775807", "9223372036854775808", "-1e308", "1e308", "1e400", "-1e400", "1.0",
        "\"\"", "\" \"", "\"x\"", "\"a:b\"", "\"a = b: c\"", "\"NaN\"", "\"Infinity\"", "\"00:00:01\"", "\"-00:00:01\"", "\"1\"", "\"none\"", "\"a\\nb\\u2028\\u001b[0m\"", "\"\\ud800\"", "\"\\u0000\"", "\"10675199.02:48:05.4775807\"",
        "\"constant\"", "\"random\"", "\"maglev\"", "\"ring_hash\"", "[]", "{}", "[ 1 ]", "[ null ]", "[ [] ]", "[ {} ]", "{ \"a\": 1 }", "{ \"0\": { } }", "{ \"Enabled\": true }", "\"" + "long "
            + "long long long long long long long long long long long long long long long\"",
    ];

    /// <summary>Keys that nobody has asked for.</summary>
    private static readonly string[] Names = ["", " ", "x", "a.b", "a:b", ":", "0", "\\n", "\\ud800", "Enabled", "weight", "Policy", "a = b"];

    private int _refused;
    private int _played;

    [Fact]
    public void Run_SpoiltInAnyWay_IsPlayedOrRefusedInOneLine()
    {
        Gen<Change[]> changes =
            from count in Gen.Choose(1, 3)
            from list in (from place in Gen.Choose(0, 9_999)
                          from kind in Gen.Elements(Enum.GetValues<Kind>())
                          from value in Gen.Choose(0, 9_999)
                          select new Change(place, kind, value)).ArrayOf(count)
            select list;

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2_000).WithReplay(7, 1), Prop.ForAll(changes.ToArbitrary(), list => IsPlayedOrRefused(Spoil(list))));

        // Else it says nothing.
        _refused.ShouldBeGreaterThan(200);
        _played.ShouldBeGreaterThan(200);
    }

    private bool IsPlayedOrRefused(string json)
    {
        try
        {
            Scenario scenario = Scenario.Parse(json, "spoilt.json");
            if (IsShort(scenario.Plan))
            {
                _played++;
                Simulator.Run(scenario);
            }

            return true;
        }
        catch (ScenarioException exception)
        {
            _refused++;
            return Line().IsMatch(exception.Message) ? true : throw new InvalidOperationException($"{exception.Message} {json}", exception);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException(json, exception);
        }
    }

    /// <summary>What is allowed, but would be played all day.</summary>
    private static bool IsShort(ScenarioPlan plan) =>
        plan.Duration <= 2 && plan.Arrivals.Rates.Max(step => step.PerSecond) <= 5_000 && plan.Clients * plan.Groups.Sum(group => group.Ids.Count) <= 500;

    private static string Spoil(Change[] changes)
    {
        JsonNode root = JsonNode.Parse(Valid)!;
        foreach (Change change in changes)
        {
            JsonNode[] places = [.. FindAll(root)];
            Spoil(places[change.Place % places.Length], change);
        }

        // What no node can hold is a word until now.
        string json = root.ToJsonString();
        json = Value().Replace(json, match => Values[int.Parse(match.Groups["index"].Value, CultureInfo.InvariantCulture)]);
        return Name().Replace(json, match => match.Groups["index"].Success ? $"\"{Names[int.Parse(match.Groups["index"].Value, CultureInfo.InvariantCulture)]}\"" : $"\"{match.Groups["name"].Value}\"");
    }

    private static void Spoil(JsonNode place, Change change)
    {
        JsonNode value = $"@value {change.Value % Values.Length}@";
        switch (place.Parent)
        {
            case JsonObject parent when change.Kind == Kind.Remove:
                parent.Remove(place.GetPropertyName());
                break;
            case JsonArray parent when change.Kind == Kind.Remove:
                parent.Remove(place);
                break;
            case JsonObject parent when change.Kind == Kind.Double:
                parent[$"@name {place.GetPropertyName()}@"] = place.DeepClone();
                break;
            case JsonArray parent when change.Kind == Kind.Double:
                parent.Add(place.DeepClone());
                break;
            case JsonObject parent when change.Kind == Kind.Add:
                parent[$"@name#{change.Place % Names.Length}@"] = value;
                break;
            case not null:
                place.ReplaceWith(value);
                break;
        }
    }

    private static IEnumerable<JsonNode> FindAll(JsonNode node) => node switch
    {
        JsonObject parent => parent.SelectMany(pair => pair.Value is { } child ? FindAll(child).Prepend(child) : []),
        JsonArray parent => parent.SelectMany(child => child is not null ? FindAll(child).Prepend(child) : []),
        _ => [],
    };

    [GeneratedRegex("""^spoilt\.json: \$[^\p{Cc}\u2028\u2029]*: [^\p{Cc}\u2028\u2029]+$""", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Line();

    [GeneratedRegex("\"@value (?<index>[0-9]+)@\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Value();

    [GeneratedRegex("\"@name(#(?<index>[0-9]+)| (?<name>[^@]*))@\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Name();

    private enum Kind
    {
        Replace,
        Remove,
        Double,
        Add,
    }

    private sealed record Change(int Place, Kind Kind, int Value);
}
