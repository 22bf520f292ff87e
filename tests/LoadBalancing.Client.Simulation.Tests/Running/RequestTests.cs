using LoadBalancing.Client.Simulation.Tests.Support;

namespace LoadBalancing.Client.Simulation.Tests.Running;

/// <summary>What a request does: attempts, timeouts, and what of it is counted.</summary>
public sealed class RequestTests
{
    [Fact]
    public void Run_WarmUp_IsNotCounted()
    {
        RunResult result = Played.Run(Steady("""
            "durationSeconds": 10, "warmupSeconds": 4
            """));

        result.Summary.Requests.ShouldBe(600);
        result.Summary.PerBackend.Sum(backend => backend.Requests).ShouldBe(600);
        result.Summary.PerBackend[0].MeanInFlight.ShouldBe(5, 0.01);
        result.Intervals.Sum(interval => interval.Requests).ShouldBe(1_000);
    }

    [Fact]
    public void Run_AnsweredJustInTime_IsASuccess() => Played.Run(Steady("""
        "durationSeconds": 10, "timeoutSeconds": 0.1
        """)).Summary.Successes.ShouldBe(1_000);

    [Fact]
    public void Run_OneAfterTheOtherEachJustInTime_AreSuccesses()
    {
        RunSummary summary = Played.Run("""
            { "durationSeconds": 60, "timeoutSeconds": 0.1, "arrivals": { "process": "uniform", "ratePerSecond": 10 },
              "backends": [ { "concurrency": 1, "latency": { "distribution": "constant", "meanMs": 100 } } ] }
            """).Summary;

        (summary.Successes, summary.Timeouts, summary.MaxMs).ShouldBe((600, 0, 100));
    }

    [Fact]
    public void Run_AnsweredTooLate_TheCallerGivesUp()
    {
        RunSummary summary = Played.Run(Steady("""
            "durationSeconds": 10, "timeoutSeconds": 0.09
            """)).Summary;

        (summary.Successes, summary.Failures, summary.Timeouts, summary.SuccessRate).ShouldBe((0, 0, 1_000, 0));
        (summary.MeanMs, summary.MaxMs).ShouldBe((90, 90));
        summary.PerBackend.Sum(backend => backend.MeanInFlight).ShouldBe(9, 0.05);
    }

    [Fact]
    public void Run_AnsweredTooLateWithoutCancel_RunsToItsEnd()
    {
        RunSummary summary = Played.Run(Steady("""
            "durationSeconds": 10, "timeoutSeconds": 0.09, "cancelOnTimeout": false
            """)).Summary;

        (summary.Successes, summary.Failures, summary.Timeouts).ShouldBe((0, 0, 1_000));
        summary.MeanMs.ShouldBe(100);
        summary.PerBackend.Sum(backend => backend.MeanInFlight).ShouldBe(10, 0.05);
    }

    [Fact]
    public void Run_OneAttempt_FailsWithTheBackend()
    {
        RunSummary summary = Played.Run(OneFails(attempts: 1), "round_robin").Summary;

        (summary.Successes, summary.Failures, summary.Retries).ShouldBe((500, 500, 0));
    }

    [Fact]
    public void Run_SecondAttempt_GoesElsewhere()
    {
        RunSummary summary = Played.Run(OneFails(attempts: 2), "round_robin").Summary;

        (summary.Successes, summary.Failures).ShouldBe((1_000, 0));
        summary.Retries.ShouldBe(summary.PerBackend[1].Failures);
        summary.PerBackend[0].Requests.ShouldBe(1_000);
        (summary.PerBackend[0].Requests + summary.PerBackend[1].Requests).ShouldBe(1_000 + summary.Retries);
        summary.MaxMs.ShouldBe(107, "The attempt that failed, and the one that did not.");
    }

    [Fact]
    public void Run_EveryAttemptFails_MakesAsManyAsAllowed()
    {
        RunSummary summary = Played.Run(OneFails(attempts: 4).Replace("\"count\": 1", "\"errorRate\": 1", StringComparison.Ordinal)).Summary;

        (summary.Failures, summary.Retries).ShouldBe((1_000, 3_000));
    }

    [Fact]
    public void Run_FailedAttemptAndNoTimeLeft_EndsWithTheTimeout()
    {
        RunSummary summary = Played.Run(OneFails(attempts: 2).Replace("\"timeoutSeconds\": 10", "\"timeoutSeconds\": 0.1", StringComparison.Ordinal), "round_robin").Summary;

        summary.Timeouts.ShouldBe(summary.Retries);
        summary.MaxMs.ShouldBe(100);
    }

    [Fact]
    public void Run_Clients_HaveBalancersOfTheirOwn()
    {
        // Each sees only its own requests, one at a time, so that for the full scan all are idle.
        const string scenario = """
            {
              "durationSeconds": 20, "clients": 100, "arrivals": { "ratePerSecond": 500 },
              "backends": [ { "count": 9, "latency": { "distribution": "constant", "meanMs": 10 } }, { "latency": { "distribution": "constant", "meanMs": 100 } } ]
            }
            """;

        double many = Played.Run(scenario, "least_request:FullScan=true").Summary.PerBackend[^1].Share;
        double one = Played.Run(scenario.Replace("\"clients\": 100", "\"clients\": 1", StringComparison.Ordinal), "least_request:FullScan=true").Summary.PerBackend[^1].Share;

        many.ShouldBe(0.1, 0.02);
        one.ShouldBeLessThan(0.03);
    }

    [Fact]
    public void Run_ClientLocalities_SendEachClientToItsZone()
    {
        RunSummary summary = Played.Run("""
            {
              "durationSeconds": 10, "clients": 4, "clientLocalities": [ { "zone": "a" }, { "zone": "b" }, { "zone": "b" }, { "zone": "b" } ], "arrivals": { "process": "uniform", "ratePerSecond": 400 },
              "balancer": { "ZoneAware": { "CallerShares": { "a": 1, "b": 3 } } },
              "backends": [
                { "count": 4, "locality": { "zone": "a" }, "latency": { "distribution": "constant", "meanMs": 10 } },
                { "count": 12, "locality": { "zone": "b" }, "latency": { "distribution": "constant", "meanMs": 10 } } ]
            }
            """).Summary;

        // A quarter of the callers, with a quarter of the backends.
        summary.PerBackend.Take(4).Sum(backend => backend.Share).ShouldBe(0.25, 0.03);
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(100, 20)]
    public void Run_SubsetSize_GivesEachClientItsOwnPart(int clients, int used)
    {
        RunSummary summary = Played.Run($$"""
            {
              "durationSeconds": 10, "clients": {{clients}}, "arrivals": { "ratePerSecond": 1000 }, "balancer": { "SubsetSize": 3 },
              "backends": [ { "count": 20, "latency": { "distribution": "constant", "meanMs": 10 } } ]
            }
            """).Summary;

        summary.PerBackend.Count(backend => backend.Requests > 0).ShouldBe(used);
    }

    [Fact]
    public void Run_Keys_StayWithTheirBackends()
    {
        const string scenario = """
            { "durationSeconds": 10, "arrivals": { "ratePerSecond": 500 }, "keys": { "count": 1 }, "backends": [ { "count": 10, "latency": { "distribution": "constant", "meanMs": 10 } } ] }
            """;

        Played.Run(scenario, "maglev").Summary.PerBackend.Max(backend => backend.Share).ShouldBe(1);
        Played.Run(scenario, "maglev").Notices.ShouldBeEmpty();
        Played.Run(scenario.Replace("\"keys\": { \"count\": 1 }, ", "", StringComparison.Ordinal), "maglev").Notices.ShouldHaveSingleItem().ShouldContain("\"keys\"");
    }

    [Fact]
    public void Run_MaxOverMeanLoad_IsThatOfTheAttempts()
    {
        RunSummary summary = Played.Run(Steady("\"durationSeconds\": 10").Replace("\"count\": 2", "\"weight\": 3", StringComparison.Ordinal)
            .Replace("] }", ", { \"latency\": { \"distribution\": \"constant\", \"meanMs\": 100 } } ] }", StringComparison.Ordinal), "weighted_round_robin").Summary;

        summary.PerBackend.Select(backend => backend.Requests).ShouldBe([750, 250]);
        summary.MaxOverMeanLoad.ShouldBe(1.5);
    }

    private static string Steady(string more) =>
        $"{{ {more}, \"arrivals\": {{ \"process\": \"uniform\", \"ratePerSecond\": 100 }}, \"backends\": [ {{ \"count\": 2, \"latency\": {{ \"distribution\": \"constant\", \"meanMs\": 100 }} }} ] }}";

    private static string OneFails(int attempts) => $$"""
        {
          "durationSeconds": 10, "arrivals": { "process": "uniform", "ratePerSecond": 100 }, "timeoutSeconds": 10, "attempts": {{attempts}},
          "balancer": { "CircuitBreaker": { "Enabled": false }, "Retry": { "BaseDelay": "00:00:00", "Budget": { "Enabled": false } } },
          "backends": [
            { "count": 1, "latency": { "distribution": "constant", "meanMs": 100 } },
            { "latency": { "distribution": "constant", "meanMs": 100 }, "errorRate": 1, "errorLatencyMs": 7 } ]
        }
        """;
}
