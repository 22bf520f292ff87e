using LoadBalancing.Client.Simulation.Tests.Support;

namespace LoadBalancing.Client.Simulation.Tests.Running;

/// <summary>What the sections of the HTTP client do in a scenario: retries with their budget, timeouts, the line.</summary>
public sealed class ClientOptionsTests
{
    [Fact]
    public void Run_RetrySection_IsUsedWithoutAttempts()
    {
        RunSummary summary = Failing("\"Retry\": { \"MaxAttempts\": 4, \"Budget\": { \"Enabled\": false } }").Summary;

        (summary.Failures, summary.Retries).ShouldBe((1_000, 3_000));
    }

    [Fact]
    public void Run_NeitherAttemptsNorRetry_TriesOnce() => Failing("\"CircuitBreaker\": { \"Enabled\": false }").Summary.Retries.ShouldBe(0);

    [Theory]
    [InlineData("\"Retry\": null")]
    [InlineData("\"AttemptTimeout\": null")]
    public void Run_Null_IsTheSameAsNothing(string balancer) =>
        Failing($"{balancer}, \"CircuitBreaker\": {{ \"Enabled\": false }}", "\"timeoutSeconds\": 60", latencyMs: 11_000).Summary.ShouldBeEquivalentTo(Failing("\"CircuitBreaker\": { \"Enabled\": false }", "\"timeoutSeconds\": 60", latencyMs: 11_000).Summary);

    [Fact]
    public void Run_AttemptsAndRetry_AttemptsSayHowManyAndRetrySaysHow()
    {
        RunSummary summary = Failing("\"Retry\": { \"MaxAttempts\": 4, \"BaseDelay\": \"00:00:00.100\", \"Budget\": { \"Enabled\": false } }", "\"attempts\": 2").Summary;

        summary.Retries.ShouldBe(1_000);

        // Two attempts of 10 ms each, and between them at least the half of the delay.
        summary.MeanMs.ShouldBe(20 + 75, 4 * 14.5 / Math.Sqrt(1_000));
        summary.MaxMs.ShouldBeInRange(20 + 95, 20 + 100);
    }

    [Fact]
    public void Run_RetryTurnedOff_TriesOnceAndSaysSo()
    {
        RunResult result = Failing("\"Retry\": { \"Enabled\": false }", "\"attempts\": 3");

        result.Summary.Retries.ShouldBe(0);
        result.Notices.ShouldBe(["scenario: $.attempts has no effect, since $.balancer.Retry.Enabled is false."]);
    }

    /// <summary>In any ten seconds a fifth of the requests and a hundred more.</summary>
    [Fact]
    public void Run_Budget_LimitsRetries()
    {
        RunSummary summary = Failing("\"CircuitBreaker\": { \"Enabled\": false }", "\"attempts\": 3").Summary;

        summary.Retries.ShouldBeInRange(290, 300);
        summary.Failures.ShouldBe(1_000);
    }

    /// <summary>Whoever gives up while it waits for its next attempt leaves its place to others: there are never more than five at a time, and that is as many as may be.</summary>
    [Fact]
    public void Run_CallersGiveUpDuringBackoff_GiveBackTheirPlaces()
    {
        RunSummary summary = Failing(
            "\"CircuitBreaker\": { \"Enabled\": false }, \"Retry\": { \"BaseDelay\": \"00:00:10\", \"MaxDelay\": \"00:00:10\", \"Budget\": { \"Ratio\": 0, \"MinRetries\": 5 } }",
            "\"timeoutSeconds\": 0.055").Summary;

        (summary.Timeouts, summary.Retries).ShouldBe((1_000, 0));
    }

    [Fact]
    public void Run_AttemptTimeout_IsAFailureThatIsRetriedElsewhere()
    {
        RunSummary summary = Played.Run(
            """
            {
              "durationSeconds": 10, "arrivals": { "process": "uniform", "ratePerSecond": 10 }, "attempts": 2,
              "balancer": { "AttemptTimeout": "00:00:00.050", "CircuitBreaker": { "Enabled": false }, "Retry": { "BaseDelay": "00:00:00" } },
              "backends": [ { "latency": { "distribution": "constant", "meanMs": 10 } }, { "latency": { "distribution": "constant", "meanMs": 1000 } } ]
            }
            """, "round_robin").Summary;

        (summary.Successes, summary.Retries, summary.PerBackend[1].Failures).ShouldBe((100, summary.PerBackend[1].Requests, summary.PerBackend[1].Requests));
        summary.MaxMs.ShouldBe(60, 0.001);
        summary.PerBackend[1].MaxInFlight.ShouldBe(1);
    }

    /// <summary>One is back, but its circuit is not closed yet, when the other one goes down: who is refused there is served by the one whose circuit is open.</summary>
    [Fact]
    public void Run_AllWhoAreEligibleWereTried_AsksTheOneWhoseCircuitIsOpen()
    {
        RunSummary summary = Played.Run(
            """
            {
              "durationSeconds": 5, "arrivals": { "process": "uniform", "ratePerSecond": 10 }, "attempts": 2, "balancer": { "CircuitBreaker": { "BreakDuration": "00:01:00" }, "Retry": { "BaseDelay": "00:00:00" } },
              "backends": [
                { "latency": { "distribution": "constant", "meanMs": 10 }, "events": [ { "atSeconds": 0, "untilSeconds": 1, "down": true } ] },
                { "latency": { "distribution": "constant", "meanMs": 10 }, "events": [ { "atSeconds": 1.5, "down": true } ] } ]
            }
            """, "pick_first").Summary;

        (summary.Successes, summary.PerBackend[0].Failures).ShouldBe((50, 5));
        summary.PerBackend[1].Failures.ShouldBeGreaterThanOrEqualTo(5);
    }

    /// <summary>A 503 at hand is returned at once where others wait.</summary>
    [Fact]
    public void Run_AnswerAtHand_DoesNotStandInLine()
    {
        RunSummary summary = Played.Run("""
            {
              "durationSeconds": 10, "arrivals": { "process": "uniform", "ratePerSecond": 150 }, "timeoutSeconds": 60, "attempts": 3,
              "balancer": { "CircuitBreaker": { "Enabled": false }, "MaxQueue": 1000, "QueueTimeout": "00:01:00", "Retry": { "BaseDelay": "00:00:00", "Budget": { "Enabled": false } } },
              "backends": [ { "maxConcurrency": 1, "errorRate": 1, "latency": { "distribution": "constant", "meanMs": 10 } } ]
            }
            """).Summary;

        summary.Failures.ShouldBe(1_500);
        summary.Retries.ShouldBe(2, "Behind the last one nobody waits.");
    }

    /// <summary>What found no backend earns no retries.</summary>
    [Fact]
    public void Run_RefusedRequests_EarnNoRetries() => Played.Run("""
        {
          "durationSeconds": 10, "arrivals": { "process": "uniform", "ratePerSecond": 100 }, "attempts": 2,
          "balancer": { "CircuitBreaker": { "Enabled": false }, "MaxQueue": 0, "Retry": { "BaseDelay": "00:00:00", "Budget": { "Ratio": 0.1, "MinRetries": 0 } } },
          "backends": [ { "maxConcurrency": 1, "errorRate": 1, "latency": { "distribution": "constant", "meanMs": 495 } } ]
        }
        """).Summary.Retries.ShouldBe(1);

    /// <summary>The scenario says how long a request may take; the default of the section is for those that have no scenario.</summary>
    [Fact]
    public void Run_NoAttemptTimeout_RequestsTakeAsLongAsTheyTake() => Played.Run("""
        { "durationSeconds": 10, "arrivals": { "process": "uniform", "ratePerSecond": 1 }, "timeoutSeconds": 60, "backends": [ { "latency": { "distribution": "constant", "meanMs": 20000 } } ] }
        """).Summary.Successes.ShouldBe(10);

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void Run_RequestTimeout_EndsTheRequestAndIsAFailureOnlyOfWhoHadAllOfTheTime(int attempts, bool isFailure)
    {
        RunResult result = Played.Run($$"""
            {
              "durationSeconds": 10, "arrivals": { "process": "uniform", "ratePerSecond": 10 }, "attempts": {{attempts}},
              "balancer": { "RequestTimeout": "00:00:00.100", "CircuitBreaker": { "Enabled": false }, "Retry": { "BaseDelay": "00:00:00" } },
              "backends": [ {{(attempts == 1 ? "" : """{ "errorRate": 1, "latency": { "distribution": "constant", "meanMs": 10 } }, """)}}{ "latency": { "distribution": "constant", "meanMs": 1000 } } ]
            }
            """, "pick_first");

        result.Summary.Timeouts.ShouldBe(100);
        result.Summary.MaxMs.ShouldBe(100, 0.001);
        result.Summary.PerBackend[^1].Failures.ShouldBe(isFailure ? 100 : 0);
    }

    [Fact]
    public void Run_AllAtTheirCaps_RequestsWaitInLine()
    {
        // Six in flight where ten are needed: sixty of a hundred per second are served, after a wait that grows to a second, and the others are refused after that second.
        RunResult result = Capped("\"MaxQueue\": 1000, \"QueueTimeout\": \"00:00:01\"");

        result.Summary.PerBackend.ShouldAllBe(backend => backend.MaxInFlight == 3);
        result.Intervals[^11].MaxMs.ShouldBe(1_100, 60);
        result.Summary.Successes.ShouldBeInRange(600, 670);
        result.Summary.MaxMs.ShouldBeLessThan(1_100.001);
    }

    [Fact]
    public void Run_LineIsFull_RefusesAtOnce()
    {
        RunResult result = Capped("\"MaxQueue\": 6, \"QueueTimeout\": \"00:00:10\"");

        result.Summary.Successes.ShouldBeInRange(600, 620);
        result.Intervals[^5].P50Ms.ShouldBe(200, 10, "Six in line, of whom one is served every sixtieth of a second, and a tenth of a second of work.");
        result.Summary.P90Ms.ShouldBeLessThan(220);
    }

    [Fact]
    public void Run_NoLine_RefusesAtOnce()
    {
        RunSummary summary = Capped("\"MaxQueue\": 0").Summary;

        summary.MaxMs.ShouldBe(100);
        summary.Successes.ShouldBeInRange(590, 610);
    }

    [Fact]
    public void Run_WaitingCallersGiveUp_LeaveTheLine()
    {
        RunSummary summary = Capped("\"MaxQueue\": 1000, \"QueueTimeout\": \"00:00:10\"", "\"timeoutSeconds\": 0.15").Summary;

        summary.Timeouts.ShouldBeGreaterThan(300);
        summary.Failures.ShouldBe(0);
        summary.MaxMs.ShouldBe(150);
    }

    [Fact]
    public void Run_KeysOfRealConnections_AreTakenWithANotice()
    {
        RunResult result = Failing("\"ConnectTimeout\": \"00:00:01\", \"HashOn\": [ \"header:X-User\" ], \"Authorities\": [ \"orders\" ]");

        result.Notices.ShouldBe(["scenario: $.balancer.ConnectTimeout has no effect in a simulation.", "scenario: $.balancer.Authorities has no effect in a simulation.", "scenario: $.balancer.HashOn has no effect in a simulation."]);
    }

    private static RunResult Failing(string balancer, string more = "\"seed\": 1", int latencyMs = 10) => Played.Run(
        $$"""
        {
          "durationSeconds": 10, "arrivals": { "process": "uniform", "ratePerSecond": 100 }, {{more}}, "balancer": { {{balancer}} },
          "backends": [ { "count": 5, "errorRate": 1, "latency": { "distribution": "constant", "meanMs": {{latencyMs}} } } ]
        }
        """);

    /// <summary>Ten are in flight on average; six may be.</summary>
    private static RunResult Capped(string balancer, string more = "\"timeoutSeconds\": 60") => Played.Run(
        $$"""
        {
          "durationSeconds": 10, "arrivals": { "process": "uniform", "ratePerSecond": 100 }, {{more}}, "balancer": { {{balancer}} },
          "backends": [ { "count": 2, "maxConcurrency": 3, "latency": { "distribution": "constant", "meanMs": 100 } } ]
        }
        """);
}
