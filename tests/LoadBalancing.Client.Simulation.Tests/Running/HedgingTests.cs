using System.Globalization;
using System.Text.Json;
using LoadBalancing.Client.Simulation.Running;
using LoadBalancing.Client.Simulation.Scenarios;
using LoadBalancing.Client.Simulation.Tests.Support;

namespace LoadBalancing.Client.Simulation.Tests.Running;

/// <summary>What the section <c>Hedging</c> does in a scenario. The schedules are worked out by hand, for requests that come one by one: each is sent to the backends in their order.</summary>
public sealed class HedgingTests
{
    private const string Percentile = "\"Hedging\": { \"Enabled\": true }";
    private const string After30Ms = "\"Hedging\": { \"Enabled\": true, \"Delay\": \"00:00:00.030\" }";
    private const string ThreeAfter30Ms = "\"Hedging\": { \"Enabled\": true, \"Delay\": \"00:00:00.030\", \"MaxHedges\": 3 }";
    private const string AtOnce = ", \"Retry\": { \"BaseDelay\": \"00:00:00\" }";

    public static TheoryData<string> Policies =>
    [
        "pick_first", "round_robin", "weighted_round_robin", "random", "least_request", "peak_ewma", "weighted_response_time", "least_bandwidth", "ring_hash", "maglev", "rendezvous", "ip_hash",
    ];

    [Fact]
    public void Run_SlowAnswer_IsThatOfTheHedge()
    {
        RunSummary summary = OneByOne(After30Ms, [Takes(100), Takes(10)]);

        (summary.Successes, summary.Retries, summary.MeanMs, summary.MaxMs).ShouldBe((100, 100, 40, 40));
        summary.PerBackend.Select(backend => backend.Requests).ShouldBe([100, 100]);
        summary.PerBackend.Select(backend => backend.MeanInFlight * 1_000).ShouldBe([40, 10], "One that has lost is there no longer.");
    }

    [Fact]
    public void Run_FirstAnswersAfterAll_TheHedgeIsCanceled()
    {
        RunSummary summary = OneByOne(After30Ms, [Takes(35), Takes(10)]);

        (summary.Retries, summary.MeanMs, summary.MaxMs).ShouldBe((100, 35, 35));
        summary.PerBackend.Select(backend => backend.MeanInFlight * 1_000).ShouldBe([35, 5]);
        summary.PerBackend.Sum(backend => backend.Failures).ShouldBe(0);
    }

    [Fact]
    public void Run_AnswerJustWhenTheHedgeIsDue_NeedsNone() => OneByOne(After30Ms, [Takes(30), Takes(10)]).Retries.ShouldBe(0);

    [Fact]
    public void Run_SeveralHedges_ComeOneAfterTheOther()
    {
        RunSummary summary = OneByOne(ThreeAfter30Ms, [Takes(1000), Takes(1000), Takes(1000), Takes(10)]);

        (summary.Retries, summary.MeanMs, summary.MaxMs).ShouldBe((300, 100, 100));
        summary.PerBackend.Select(backend => backend.MeanInFlight * 1_000).ShouldBe([100, 70, 40, 10]);
    }

    [Fact]
    public void Run_EverybodyHasIt_IsSentToNobodyTwice()
    {
        RunSummary summary = OneByOne(ThreeAfter30Ms, [Takes(500), Takes(500)]);

        (summary.Retries, summary.MeanMs).ShouldBe((100, 500));
    }

    /// <summary>The hedge waits for nothing: neither its own failure nor that of the first attempt is the end while the other is under way.</summary>
    [Theory]
    [InlineData("50 fails", "100", 130)]
    [InlineData("100", "10 fails", 100)]
    public void Run_OneFails_WaitsForTheOther(string first, string second, double latency)
    {
        RunSummary summary = OneByOne(After30Ms, [Parse(first), Parse(second)]);

        (summary.Successes, summary.Retries, summary.MeanMs).ShouldBe((100, 100, latency));
        summary.PerBackend.Sum(backend => backend.Failures).ShouldBe(100);
    }

    [Theory]
    [InlineData("50 fails", "10 fails", 60)]
    [InlineData("50 fails", "30 fails", 70)]
    public void Run_BothFail_AreRetriedElsewhere(string first, string second, double latency)
    {
        RunSummary summary = OneByOne(After30Ms + AtOnce, [Parse(first), Parse(second), Takes(10)], "\"attempts\": 3");

        (summary.Successes, summary.Retries, summary.MeanMs).ShouldBe((100, 200, latency));
        summary.PerBackend.Select(backend => backend.Failures).ShouldBe([100, 100, 0]);
    }

    [Fact]
    public void Run_BothFail_HaveUsedUpTheAttempts()
    {
        RunSummary summary = OneByOne(After30Ms + AtOnce, [Fails(50), Fails(10), Takes(10)], "\"attempts\": 2");

        (summary.Failures, summary.Retries, summary.MeanMs).ShouldBe((100, 100, 50));
    }

    /// <summary>The first hedge fails before the second is due, which is sent all the same.</summary>
    [Fact]
    public void Run_HedgeFails_TheNextComesInItsTime()
    {
        RunSummary summary = OneByOne(ThreeAfter30Ms, [Takes(1000), Fails(5), Takes(10)]);

        (summary.Successes, summary.Retries, summary.MeanMs).ShouldBe((100, 200, 70));
    }

    [Fact]
    public void Run_FirstFailsBeforeTheHedge_IsRetriedAndTheRetryIsNotHedged()
    {
        RunSummary summary = OneByOne(After30Ms + AtOnce, [Fails(10), Takes(100), Takes(1)], "\"attempts\": 3");

        (summary.Successes, summary.Retries, summary.MeanMs).ShouldBe((100, 100, 110));
        summary.PerBackend[2].Requests.ShouldBe(0);
    }

    [Fact]
    public void Run_AttemptTimeouts_EachAttemptHasItsOwn()
    {
        RunSummary summary = OneByOne(After30Ms + ", \"AttemptTimeout\": \"00:00:00.050\"", [Takes(1000), Takes(1000)]);

        (summary.Failures, summary.Timeouts, summary.MeanMs).ShouldBe((100, 0, 80));
        summary.PerBackend.Select(backend => backend.Failures).ShouldBe([100, 100]);
        summary.PerBackend.Select(backend => backend.MeanInFlight * 1_000).ShouldBe([50, 50]);
    }

    [Fact]
    public void Run_RequestTimeout_IsAFailureOfTheFirstOnly()
    {
        RunSummary summary = OneByOne(After30Ms + ", \"RequestTimeout\": \"00:00:00.100\"", [Takes(1000), Takes(1000)]);

        (summary.Timeouts, summary.MeanMs).ShouldBe((100, 100));
        summary.PerBackend.Select(backend => backend.Failures).ShouldBe([100, 0]);
        summary.PerBackend.Select(backend => backend.MeanInFlight * 1_000).ShouldBe([100, 70]);
    }

    [Fact]
    public void Run_CallerTimeout_IsAFailureOfNobody()
    {
        RunSummary summary = OneByOne(After30Ms, [Takes(1000), Takes(1000)], "\"timeoutSeconds\": 0.1");

        (summary.Timeouts, summary.MeanMs).ShouldBe((100, 100));
        summary.PerBackend.Sum(backend => backend.Failures).ShouldBe(0);
        summary.PerBackend.Select(backend => backend.MeanInFlight * 1_000).ShouldBe([100, 70]);
    }

    [Fact]
    public void Run_CallerTimeoutWithoutCancel_IsHedgedAllTheSame()
    {
        RunSummary summary = OneByOne(After30Ms, [Takes(1000), Takes(100)], "\"timeoutSeconds\": 0.02, \"cancelOnTimeout\": false");

        (summary.Timeouts, summary.Retries, summary.MeanMs).ShouldBe((100, 100, 130));
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Run_AnyPolicy_HedgesEachTimeToSomebodyElse(string policy)
    {
        IReadOnlyList<Work> works = Played.Trace(Scenario(ThreeAfter30Ms, [Takes(500), Takes(500), Takes(500)], "\"keys\": { \"count\": 7 }"), policy: policy);

        Work[][] requests = [.. works.GroupBy(work => Math.Floor(work.Arrived)).Select(request => request.ToArray())];
        requests.Length.ShouldBe(100);
        requests.ShouldAllBe(request => request.Length == 3 && request.Select(work => work.Server).Distinct().Count() == 3);
    }

    [Fact]
    public void Run_Budget_LimitsHedges()
    {
        RunSummary summary = Played.Run("""
            {
              "durationSeconds": 20, "arrivals": { "process": "uniform", "ratePerSecond": 100 },
              "balancer": { "Policy": "pick_first", "Hedging": { "Enabled": true, "Delay": "00:00:00.030" }, "Retry": { "Enabled": false, "Budget": { "Ratio": 0.1, "MinRetries": 5 } } },
              "backends": [ { "latency": { "distribution": "constant", "meanMs": 50 } }, { "latency": { "distribution": "constant", "meanMs": 100 } } ]
            }
            """).Summary;

        // In any ten seconds a tenth of the requests and five more, so that there are twice five when the first ten seconds are over; less what the slices of time leave open.
        summary.Retries.ShouldBeInRange(195, 210);
        summary.Successes.ShouldBe(2_000);
    }

    /// <summary>One hedge takes the only place of the second backend: the others are not hedged, and a place that a loser gives back is there for the next. What is not sent gives its place in the budget back.</summary>
    [Fact]
    public void Run_OthersAreAtTheirCaps_IsNotHedged()
    {
        RunSummary summary = Played.Run("""
            {
              "durationSeconds": 10, "arrivals": { "process": "uniform", "ratePerSecond": 100 },
              "balancer": { "Policy": "pick_first", "Hedging": { "Enabled": true, "Delay": "00:00:00.030" }, "Retry": { "Budget": { "Ratio": 0, "MinRetries": 200 } } },
              "backends": [ { "latency": { "distribution": "constant", "meanMs": 100 } }, { "maxConcurrency": 1, "latency": { "distribution": "constant", "meanMs": 1000 } } ]
            }
            """).Summary;

        (summary.Successes, summary.MeanMs, summary.PerBackend[1].MaxInFlight).ShouldBe((1_000, 100, 1));
        summary.Retries.ShouldBeInRange(10_000 / 80, (10_000 / 70) + 1, "For 70 ms of each, and until the next is due.");
    }

    [Fact]
    public void Run_TooFewSamples_TheDelayDecidesIfThereIsOne()
    {
        OneByOne(Percentile, [Takes(100), Takes(10)]).Retries.ShouldBe(0);
        OneByOne(LearnFrom(1_000), [Takes(100), Takes(10)]).MeanMs.ShouldBe(40);
    }

    /// <summary>There are never more than thirty first attempts in the window.</summary>
    [Fact]
    public void Run_Percentile_IsThatOfFirstAttemptsOnly() => OneByOne(LearnFrom(40), [Takes(100), Takes(10)]).MeanMs.ShouldBe(40);

    /// <summary>Callers give up after 50 ms. Once fifteen have, that is how long requests are known to take, and nobody is still there when a hedge would be due; until that is forgotten, in the 30th second, and so on.</summary>
    [Fact]
    public void Run_CallersGiveUp_IsHowLongItTakes() => OneByOne(LearnFrom(15), [Takes(1000), Takes(1000)], "\"timeoutSeconds\": 0.05").Retries.ShouldBe(15 + 15 + 15 + 10);

    [Fact]
    public void Run_NotEnabled_DoesNotHedge() => OneByOne("\"Hedging\": { \"Delay\": \"00:00:00.001\", \"Enabled\": false }", [Takes(100), Takes(10)]).Retries.ShouldBe(0);

    /// <summary>One of ten backends pauses for a second now and then, which is 3 % of the traffic: the 99th percentile is that pause, and with hedging that of two attempts.</summary>
    [Fact]
    public void Run_OnePauses_TheTailFallsToAQuarterForAFewMoreAttempts()
    {
        RunSummary hedged = Pausing(Percentile).Summary;
        RunSummary plain = Pausing("\"Hedging\": { \"Enabled\": false }").Summary;

        plain.Retries.ShouldBe(0);
        hedged.P99Ms.ShouldBeLessThan(plain.P99Ms / 4);
        (hedged.Retries / (double)hedged.Requests).ShouldBeInRange(0.03, 0.07);
        hedged.P50Ms.ShouldBe(plain.P50Ms, plain.P50Ms * 0.02);
    }

    [Fact]
    public void Run_SameSeed_GivesTheSameToTheLastDigit() =>
        JsonSerializer.Serialize(Pausing(Percentile)).ShouldBe(JsonSerializer.Serialize(Pausing(Percentile)));

    /// <summary>Losers, failures, timeouts, caps, servers that go down: whatever ends an attempt gives back its lease and its place.</summary>
    [Fact]
    public void Play_Everything_LeavesNothingInFlight()
    {
        ScenarioPlan plan = Simulation.Scenario.Parse("""
            {
              "durationSeconds": 20, "clients": 2, "arrivals": { "ratePerSecond": 500 }, "timeoutSeconds": 0.4, "attempts": 4,
              "balancer": {
                "Hedging": { "Enabled": true, "Percentile": 0.7, "MinSamples": 10, "MaxHedges": 3 }, "AttemptTimeout": "00:00:00.200", "Retry": { "Budget": { "Enabled": false } },
                "CircuitBreaker": { "BreakDuration": "00:00:00.500" }, "MaxQueue": 20, "QueueTimeout": "00:00:00.100"
              },
              "backends": [
                { "count": 6, "maxConcurrency": 8, "concurrency": 3, "errorRate": 0.05, "latency": { "distribution": "lognormal", "meanMs": 30, "sigma": 1.5 },
                  "events": [ { "atSeconds": 2, "untilSeconds": 4, "everySeconds": 5, "staggerSeconds": 0.5, "down": true }, { "atSeconds": 3, "untilSeconds": 3.5, "everySeconds": 4, "hang": true } ] } ]
            }
            """).Plan;

        Simulator.OnThreadOfItsOwn(() =>
        {
            using SimulationRun run = new(plan, PolicyChoice.Parse("least_request"), trace: null);
            RunSummary summary = run.Play().Summary;

            summary.Retries.ShouldBeGreaterThan(1_000);
            (summary.Successes + summary.Failures + summary.Timeouts).ShouldBe(summary.Requests);
            run.Clients.SelectMany(client => client.Balancer.Backends).ShouldAllBe(backend => backend.InFlight == 0);
            return true;
        });
    }

    private static string LearnFrom(int samples) => $"\"Hedging\": {{ \"Enabled\": true, \"Delay\": \"00:00:00.030\", \"Percentile\": 0.95, \"MinSamples\": {samples} }}";

    private static RunResult Pausing(string hedging) => Played.Run(
        $$"""
        {
          "durationSeconds": 60, "warmupSeconds": 10, "arrivals": { "ratePerSecond": 200 }, "balancer": { {{hedging}} },
          "backends": [
            { "count": 9, "latency": { "distribution": "exponential", "meanMs": 20 } },
            { "latency": { "distribution": "exponential", "meanMs": 20 }, "events": [ { "atSeconds": 0, "untilSeconds": 1, "everySeconds": 3.333, "hang": true } ] } ]
        }
        """, "round_robin");

    private static RunSummary OneByOne(string balancer, string[] backends, string more = "\"timeoutSeconds\": 10") => Played.Run(Scenario(balancer, backends, more), "pick_first").Summary;

    /// <summary>A hundred requests, one per second, so that there is never more than one.</summary>
    private static string Scenario(string balancer, string[] backends, string more) => $$"""
        {
          "durationSeconds": 100, "arrivals": { "process": "uniform", "ratePerSecond": 1 }, {{more}},
          "balancer": { "CircuitBreaker": { "Enabled": false }, {{balancer}} }, "backends": [ {{string.Join(", ", backends)}} ]
        }
        """;

    private static string Takes(int milliseconds) => $$"""{ "latency": { "distribution": "constant", "meanMs": {{milliseconds}} } }""";

    private static string Fails(int milliseconds) => $$"""{ "errorRate": 1, "latency": { "distribution": "constant", "meanMs": {{milliseconds}} } }""";

    private static string Parse(string backend) => backend.Split(' ') is [var milliseconds, _] ? Fails(int.Parse(milliseconds, CultureInfo.InvariantCulture)) : Takes(int.Parse(backend, CultureInfo.InvariantCulture));
}
