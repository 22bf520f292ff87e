using System.Text.Json;
using LoadBalancing.Client.Simulation.Tests.Support;

namespace LoadBalancing.Client.Simulation.Tests.Running;

public sealed class DeterminismTests
{
    /// <summary>A little of everything that has a timer, a random number or a task behind it.</summary>
    private const string Everything = """
        {
          "durationSeconds": 40, "warmupSeconds": 2, "clients": 3, "arrivals": { "ratePerSecond": 300, "events": [ { "atSeconds": 20, "untilSeconds": 22, "ratePerSecond": 900 } ] },
          "timeoutSeconds": 0.5, "attempts": 3, "keys": { "count": 100, "skew": 1 },
          "balancer": {
            "OutlierDetection": { "Interval": "00:00:02", "BaseEjectionTime": "00:00:03" },
            "CircuitBreaker": { "BreakDuration": "00:00:01" }, "AttemptTimeout": "00:00:00.300", "Hedging": { "Enabled": true, "MaxHedges": 2 },
            "HealthChecks": { "Interval": "00:00:01", "Timeout": "00:00:00.500", "InitiallyHealthy": false },
            "SlowStart": { "Window": "00:00:05" }, "ZoneAware": { "Enabled": true }, "Locality": { "Zone": "a" }
          },
          "backends": [
            { "id": "a", "count": 4, "locality": { "zone": "a" }, "concurrency": 4, "latency": { "distribution": "lognormal", "meanMs": 30, "sigma": 1 },
              "events": [ { "atSeconds": 5, "untilSeconds": 8, "staggerSeconds": 3, "down": true }, { "atSeconds": 25, "untilSeconds": 27, "hang": true } ] },
            { "id": "b", "count": 4, "maxConcurrency": 8, "locality": { "zone": "b" }, "latency": { "distribution": "exponential", "meanMs": 30 },
              "events": [ { "atSeconds": 10, "untilSeconds": 15, "errorRate": 0.6 }, { "atSeconds": 30, "untilSeconds": 35, "removed": true }, { "atSeconds": 12, "untilSeconds": 13, "everySeconds": 4, "weight": 3 } ] }
          ]
        }
        """;

    private static readonly string[] Policies =
    [
        "least_request", "peak_ewma", "round_robin", "random", "weighted_round_robin", "weighted_response_time", "least_bandwidth", "ring_hash", "maglev:BoundedLoadFactor=1.5", "rendezvous",
    ];

    [Fact]
    public void Run_SameSeed_GivesTheSameToTheLastDigitInAnyOrder()
    {
        Dictionary<string, string> first = Policies.ToDictionary(policy => policy, Describe, StringComparer.Ordinal);
        Dictionary<string, string> second = Policies.Reverse().ToDictionary(policy => policy, Describe, StringComparer.Ordinal);

        foreach (string policy in Policies)
        {
            second[policy].ShouldBe(first[policy], policy);
        }

        first.Values.Distinct(StringComparer.Ordinal).Count().ShouldBe(Policies.Length, "Two policies do the same: the scenario tests nothing.");
    }

    /// <summary>A thread with a synchronization context, as tests and user interfaces have them, must not let anything go to the thread pool.</summary>
    [Fact]
    public async Task Run_SeveralAtATime_DoNotDisturbOneAnother()
    {
        string alone = Describe("least_request");

        string[] together = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Describe("least_request"))));

        together.ShouldAllBe(result => result == alone);
    }

    [Fact]
    public void Run_AnotherSeed_GivesOtherNumbers() => Describe("least_request", seed: 2).ShouldNotBe(Describe("least_request"));

    /// <summary>The scenario does what it is there for.</summary>
    [Fact]
    public void Run_Everything_HasEventsOfEveryKind()
    {
        RunResult result = Played.Run(Everything, "least_request");

        result.AvailabilityEvents.Select(happening => happening.Flag).Distinct().ShouldBe([Unavailability.ProbeFailed, Unavailability.CircuitOpen, Unavailability.Ejected, Unavailability.Draining], ignoreOrder: true);
        result.CircuitEvents.Select(happening => happening.To).Distinct().ShouldBe([CircuitState.Open, CircuitState.HalfOpen, CircuitState.Closed], ignoreOrder: true);
        result.Summary.Retries.ShouldBeGreaterThan(0);
        result.Summary.Timeouts.ShouldBeGreaterThan(0);
    }

    private static string Describe(string policy) => Describe(policy, seed: 1);

    private static string Describe(string policy, long seed) => JsonSerializer.Serialize(Played.Run(Everything, policy, seed));
}
