using LoadBalancing.Client.Simulation.Tests.Support;

namespace LoadBalancing.Client.Simulation.Tests.Running;

/// <summary>That the balancer's sections do in virtual time what they do in real time.</summary>
public sealed class HealthTests
{
    [Fact]
    public void Run_CircuitBreaker_OpensHalfOpensAndCloses()
    {
        RunResult result = OneOfFour("\"CircuitBreaker\": { \"BreakDuration\": \"00:00:01\", \"Jitter\": 0 }", """{ "atSeconds": 10, "untilSeconds": 12, "errorRate": 1, "errorLatencyMs": 1 }""");

        CircuitEvent[] events = [.. result.CircuitEvents];
        events.ShouldAllBe(happening => happening.Backend == "b0");
        events[0].To.ShouldBe(CircuitState.Open);
        events[0].Seconds.ShouldBe(10, 0.3);
        events[1].To.ShouldBe(CircuitState.HalfOpen);
        events[1].Seconds.ShouldBe(events[0].Seconds + 1, 0.002);
        events[^1].To.ShouldBe(CircuitState.Closed);
        result.Summary.Failures.ShouldBeInRange(5, 10);
    }

    [Fact]
    public void Run_Probes_FindOutWhoIsDown()
    {
        RunResult result = OneOfFour("\"HealthChecks\": { \"Interval\": \"00:00:01\", \"Timeout\": \"00:00:00.500\" }, \"CircuitBreaker\": { \"Enabled\": false }", """{ "atSeconds": 10, "untilSeconds": 20, "down": true }""");

        result.AvailabilityEvents.Select(happening => (happening.Backend, happening.Flag, happening.IsSet)).ShouldBe([("b0", Unavailability.ProbeFailed, true), ("b0", Unavailability.ProbeFailed, false)]);
        result.AvailabilityEvents[0].Seconds.ShouldBeInRange(12, 13.5, "Three probes in a row, one per second.");
        result.AvailabilityEvents[1].Seconds.ShouldBeInRange(21, 22.5, "Two probes in a row.");
    }

    [Fact]
    public void Run_ProbesOfAHangingServer_TimeOutAgainAndAgain()
    {
        RunResult result = OneOfFour("\"HealthChecks\": { \"Interval\": \"00:00:01\", \"Timeout\": \"00:00:00.500\" }, \"CircuitBreaker\": { \"Enabled\": false }", """{ "atSeconds": 10, "untilSeconds": 20, "hang": true }""");

        result.AvailabilityEvents.Select(happening => (happening.Backend, happening.IsSet)).ShouldBe([("b0", true), ("b0", false)]);
        result.AvailabilityEvents[0].Cause.ShouldBe("timeout");
        result.AvailabilityEvents[0].Seconds.ShouldBeInRange(12, 14);
        result.AvailabilityEvents[1].Seconds.ShouldBeInRange(21, 22.5);
    }

    [Fact]
    public void Run_NotTrustedBeforeTheFirstProbe_RequestsWait()
    {
        RunResult result = OneOfFour("\"HealthChecks\": { \"Interval\": \"00:00:01\", \"InitiallyHealthy\": false }", """{ "atSeconds": 29, "errorRate": 0 }""");

        result.Summary.Successes.ShouldBe(3_000);
        result.Intervals[0].MaxMs.ShouldBe(20, 0.5, "The first waits for the first probe, which takes 10 ms, and then takes 10 ms itself.");
    }

    [Fact]
    public void Run_NobodyEverAnswersProbes_RequestsWaitAndFail()
    {
        RunResult result = Played.Run("""
            {
              "durationSeconds": 10, "arrivals": { "process": "uniform", "ratePerSecond": 10 }, "balancer": { "FailClosed": true, "FirstBackendsTimeout": "00:00:00.300", "HealthChecks": { "InitiallyHealthy": false } },
              "backends": [ { "hang": true, "latency": { "distribution": "constant", "meanMs": 10 } } ]
            }
            """);

        result.Summary.Failures.ShouldBe(100);
        result.Intervals[0].MaxMs.ShouldBe(300, 0.01);
        result.Intervals[^1].MaxMs.ShouldBe(0, "After the first round it is known that there is nobody.");
    }

    [Fact]
    public void Run_OutlierDetection_EjectsForAWhile()
    {
        RunResult result = OneOfFour(
            "\"CircuitBreaker\": { \"Enabled\": false }, \"OutlierDetection\": { \"BaseEjectionTime\": \"00:00:05\", \"MaxEjectionTimeJitter\": \"00:00:00\" }",
            """{ "atSeconds": 10, "untilSeconds": 12, "errorRate": 1 }""");

        result.AvailabilityEvents.Select(happening => (happening.Backend, happening.Flag, happening.IsSet)).ShouldBe([("b0", Unavailability.Ejected, true), ("b0", Unavailability.Ejected, false)]);
        (result.AvailabilityEvents[1].Seconds - result.AvailabilityEvents[0].Seconds).ShouldBe(5, 0.01);
        result.Backends[0].Between(result, 10.5, 15).Sum(interval => interval.Requests).ShouldBe(0);
    }

    [Fact]
    public void Run_SlowStart_GivesANewBackendItsShareLittleByLittle()
    {
        RunResult result = OneOfFour("\"SlowStart\": { \"Window\": \"00:00:10\" }", """{ "atSeconds": 0, "untilSeconds": 10, "removed": true }""", "random");

        Share(result, 10, 11).ShouldBeLessThan(0.08);
        Share(result, 15, 16).ShouldBeInRange(0.08, 0.22);
        Share(result, 25, 30).ShouldBe(0.25, 0.06);
    }

    [Theory]
    [InlineData("0.5", 10)]
    [InlineData("0.51", 2_000)]
    public void Run_PanicThreshold_UsesThoseThatAreOutWhenTooFewAreLeft(string threshold, long requests)
    {
        RunSummary summary = Played.Run(
            $$"""
            {
              "durationSeconds": 40, "arrivals": { "process": "uniform", "ratePerSecond": 100 }, "balancer": { "PanicThreshold": {{threshold}}, "CircuitBreaker": { "BreakDuration": "00:01:00" } },
              "backends": [ { "count": 2, "errorRate": 1, "latency": { "distribution": "constant", "meanMs": 1 } }, { "count": 2, "latency": { "distribution": "constant", "meanMs": 1 } } ]
            }
            """, "round_robin").Summary;

        // Each gets the five that open its circuit, or half of all.
        summary.PerBackend.Take(2).Sum(backend => backend.Requests).ShouldBe(requests);
    }

    [Fact]
    public void Run_Priorities_SpillWhenTheFirstTierIsSick()
    {
        RunSummary summary = Played.Run("""
            {
              "durationSeconds": 10, "arrivals": { "process": "uniform", "ratePerSecond": 100 },
              "backends": [ { "id": "first", "latency": { "distribution": "constant", "meanMs": 10 }, "events": [ { "atSeconds": 5, "removed": true } ] }, { "id": "second", "priority": 1, "latency": { "distribution": "constant", "meanMs": 10 } } ]
            }
            """).Summary;

        summary.PerBackend.Select(backend => backend.Requests).ShouldBe([500, 500]);
    }

    [Fact]
    public void Run_MaglevWithMoreBackendsThanPlaces_SaysSo()
    {
        RunResult result = Played.Run("""
            { "durationSeconds": 1, "arrivals": { "ratePerSecond": 10 }, "keys": { "count": 10 }, "backends": [ { "count": 10, "latency": { "distribution": "constant", "meanMs": 1 } } ] }
            """, "maglev:TableSize=7");

        result.Notices.ShouldHaveSingleItem().ShouldContain("table of maglev");
    }

    /// <summary>Four backends, 100 requests per second, 10 ms each; something happens to the first.</summary>
    private static RunResult OneOfFour(string balancer, string events, string policy = "round_robin") => Played.Run(
        $$"""
        {
          "durationSeconds": 30, "arrivals": { "process": "uniform", "ratePerSecond": 100 }, "balancer": { {{balancer}} },
          "backends": [ { "latency": { "distribution": "constant", "meanMs": 10 }, "events": [ {{events}} ] }, { "count": 3, "latency": { "distribution": "constant", "meanMs": 10 } } ]
        }
        """, policy);

    /// <summary>The first backend's.</summary>
    private static double Share(RunResult result, double from, double until) =>
        result.Backends[0].Between(result, from, until).Sum(interval => interval.Requests) / (double)result.Between(from, until).Sum(interval => interval.Requests);
}
