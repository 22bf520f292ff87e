using LoadBalancing.Client.Simulation.Tests.Support;

namespace LoadBalancing.Client.Simulation.Tests.Running;

/// <summary>Each kind of event, where its effect can be counted: one request every 10 ms, each takes 100 ms, so that ten are in flight.</summary>
public sealed class EventTests
{
    [Fact]
    public void Run_Latency_IsOtherForAsLongAsTheEventLasts()
    {
        RunResult result = OneBackend("""{ "atSeconds": 4, "untilSeconds": 6, "latency": { "distribution": "constant", "meanMs": 300 } }""");

        Latencies(result, 0, 4).ShouldBe([100]);
        Latencies(result, 4, 6).ShouldBe([300]);
        Latencies(result, 6, 10).ShouldBe([100]);
        MeanInFlight(result, 4.5, 6).ShouldBe(30, 0.1);
    }

    [Fact]
    public void Run_ErrorRate_FailsThatShareAfterAsLong()
    {
        RunResult result = OneBackend("""{ "atSeconds": 4, "untilSeconds": 6, "errorRate": 1 }, { "atSeconds": 8, "errorRate": 1, "errorLatencyMs": 7 }""");

        Failures(result, 0, 4).ShouldBe(0);
        Failures(result, 4, 6).ShouldBe(200);
        Failures(result, 6, 8).ShouldBe(0);
        Failures(result, 8, 10).ShouldBe(200);
        Latencies(result, 4, 6).ShouldBe([100]);
        Latencies(result, 8, 10).ShouldBe([7]);
        result.Summary.PerBackend[0].Failures.ShouldBe(400);
    }

    [Fact]
    public void Run_ErrorRateBelowOne_FailsAboutThatShare()
    {
        RunSummary summary = OneBackend("""{ "atSeconds": 0, "errorRate": 0.25 }""").Summary;

        // 1,000 requests; 4 standard deviations.
        summary.Failures.ShouldBeInRange(250 - 55, 250 + 55);
    }

    [Theory]
    [InlineData("\"weight\": 0")]
    [InlineData("\"removed\": true")]
    public void Run_NobodyToSendTo_FailsAndSaysSo(string nobody)
    {
        RunResult result = OneBackend($"{{ \"atSeconds\": 0, {nobody} }}");

        result.Summary.Failures.ShouldBe(1_000);
        result.Notices.ShouldContain("scenario: $.backends: at no time does any have a weight above 0 and is not removed, so every request fails.");
    }

    [Fact]
    public void Run_Down_LosesWhatIsThereAndRefusesWhatComes()
    {
        RunResult result = OneBackend("""{ "atSeconds": 4.005, "untilSeconds": 6, "down": true }""");

        // The ten in flight were those of the last 100 ms.
        Failures(result, 3.9, 4).ShouldBe(9);
        Failures(result, 4, 6).ShouldBe(200);
        Failures(result, 6, 10).ShouldBe(0);
        MeanInFlight(result, 4.1, 6).ShouldBe(0);
        Between(result, 4.1, 6).ShouldAllBe(interval => Math.Abs(interval.MaxMs - 1) < 1e-6, "A refusal takes a millisecond.");
    }

    [Fact]
    public void Run_Hang_StandsStillAndThenGoesOn()
    {
        RunResult result = OneBackend("""{ "atSeconds": 4.005, "untilSeconds": 6.005, "hang": true }""", more: "\"cancelOnTimeout\": false, \"timeoutSeconds\": 30");

        Failures(result, 0, 10).ShouldBe(0);
        Between(result, 3.9, 4).Max(interval => interval.MaxMs).ShouldBe(2100, 0.01, "What was begun takes as much longer as the hang took.");
        Between(result, 4.1, 4.2).Max(interval => interval.MaxMs).ShouldBe(2005, 0.01, "What came meanwhile is begun, but only worked on afterwards.");
        Latencies(result, 6.1, 10).ShouldBe([100]);
    }

    [Fact]
    public void Run_Hang_CallersGiveUp()
    {
        RunResult result = OneBackend("""{ "atSeconds": 4.005, "hang": true }""", more: "\"timeoutSeconds\": 0.5");

        result.Summary.Timeouts.ShouldBe(600 + 9);
        result.Summary.MaxMs.ShouldBe(500);
        MeanInFlight(result, 5, 10).ShouldBe(50, 0.1);
        result.Summary.PerBackend[0].Failures.ShouldBe(0, "That the caller gave up is no failure of the backend.");
    }

    [Fact]
    public void Run_HangWithoutEndAndWithoutCancel_EndsAll()
    {
        RunSummary summary = OneBackend("""{ "atSeconds": 4.005, "hang": true }""", more: "\"timeoutSeconds\": 0.5, \"cancelOnTimeout\": false").Summary;

        summary.Timeouts.ShouldBe(600 + 9);
        summary.Requests.ShouldBe(1_000);
    }

    [Fact]
    public void Run_Concurrency_QueuesWhatIsTooMuch()
    {
        // Ten workers are just enough; with five, every second request more is left over.
        RunResult result = OneBackend("""{ "atSeconds": 4, "untilSeconds": 6, "concurrency": 5 }""", more: "\"timeoutSeconds\": 60", backend: "\"concurrency\": 10");

        MeanQueue(result, 0, 4).ShouldBe(0, 0.2);
        MeanQueue(result, 4, 6).ShouldBe(50, 2);
        Latencies(result, 0, 4).ShouldBe([100]);
        Between(result, 5.9, 6).Max(interval => interval.MaxMs).ShouldBeGreaterThan(1000);
    }

    [Fact]
    public void Run_Weight_ReachesTheBalancer()
    {
        RunResult result = TwoBackends("""{ "atSeconds": 4, "untilSeconds": 6, "weight": 3 }, { "atSeconds": 8, "weight": 0 }""", "weighted_round_robin");

        Share(result, 0, 4).ShouldBe(0.5, 0.01);
        Share(result, 4, 6).ShouldBe(0.75, 0.01);
        Share(result, 6, 8).ShouldBe(0.5, 0.01);
        Share(result, 8, 10).ShouldBe(0);
    }

    [Fact]
    public void Run_Removed_IsDrained()
    {
        RunResult result = TwoBackends("""{ "atSeconds": 4, "untilSeconds": 6, "removed": true }""", "round_robin");

        Share(result, 0, 4).ShouldBe(0.5, 0.01);
        Share(result, 4, 6).ShouldBe(0);
        Share(result, 6, 10).ShouldBe(0.5, 0.01);
        result.Summary.Successes.ShouldBe(1_000, "What was in flight was finished.");
    }

    [Fact]
    public void Run_RemovedAtFirst_IsAddedLater()
    {
        RunResult result = TwoBackends("""{ "atSeconds": 4, "removed": false }""", "round_robin", settings: "\"removed\": true");

        Share(result, 0, 4).ShouldBe(0);
        Share(result, 4, 10).ShouldBe(0.5, 0.01);
    }

    [Fact]
    public void Run_AllRemoved_FailsAtOnce()
    {
        RunResult result = OneBackend("""{ "atSeconds": 4, "untilSeconds": 6, "removed": true }""");

        Failures(result, 4, 6).ShouldBe(200);
        Failures(result, 0, 10).ShouldBe(200);
        Latencies(result, 4, 6).ShouldBe([0]);
    }

    [Fact]
    public void Run_EventsOverlap_TheLaterOneInTheFileCounts()
    {
        RunResult result = OneBackend("""
            { "atSeconds": 2, "untilSeconds": 8, "latency": { "distribution": "constant", "meanMs": 200 } },
            { "atSeconds": 4, "untilSeconds": 6, "latency": { "distribution": "constant", "meanMs": 300 } }
            """);

        Latencies(result, 2, 4).ShouldBe([200]);
        Latencies(result, 4, 6).ShouldBe([300]);
        Latencies(result, 6, 8).ShouldBe([200]);
        Latencies(result, 8, 10).ShouldBe([100]);
    }

    [Fact]
    public void Run_Every_HappensAgainAndAgain()
    {
        RunResult result = OneBackend("""{ "atSeconds": 1, "untilSeconds": 2, "everySeconds": 3, "errorRate": 1 }""");

        Enumerable.Range(0, 10).Where(second => Failures(result, second, second + 1) > 0).ShouldBe([1, 4, 7]);
        Failures(result, 0, 10).ShouldBe(300);
    }

    [Fact]
    public void Run_Stagger_HappensToOneAfterTheOther()
    {
        RunResult result = Played.Run(Traffic(
            """
            "id": "b", "count": 3, "latency": { "distribution": "constant", "meanMs": 100 },
            "events": [ { "atSeconds": 1, "untilSeconds": 2, "staggerSeconds": 2, "removed": true } ]
            """, ""), "round_robin");

        for (int i = 0; i < 3; i++)
        {
            result.Backends[i].Between(result, 1 + (2 * i), 2 + (2 * i)).Sum(interval => interval.Requests).ShouldBe(0);
            result.Summary.PerBackend[i].Requests.ShouldBeInRange(300, 370);
        }
    }

    [Fact]
    public void Run_ArrivalEvents_ChangeTheRate()
    {
        RunResult result = Played.Run("""
            {
              "durationSeconds": 10,
              "arrivals": { "process": "uniform", "ratePerSecond": 100, "events": [ { "atSeconds": 2, "untilSeconds": 4, "ratePerSecond": 500 }, { "atSeconds": 8, "ratePerSecond": 0 } ] },
              "backends": [ { "latency": { "distribution": "constant", "meanMs": 1 } } ]
            }
            """);

        Between(result, 0, 2).Sum(interval => interval.Requests).ShouldBe(200);
        Between(result, 2, 4).Sum(interval => interval.Requests).ShouldBe(1_000);
        Between(result, 4, 8).Sum(interval => interval.Requests).ShouldBe(400);
        Between(result, 8, 10).Sum(interval => interval.Requests).ShouldBe(0);
    }

    private static RunResult OneBackend(string events, string more = "\"timeoutSeconds\": 10", string backend = "\"id\": \"only\"") =>
        Played.Run(Traffic($"{backend}, \"latency\": {{ \"distribution\": \"constant\", \"meanMs\": 100 }}, \"events\": [ {events} ]", $", {more}, \"balancer\": {{ \"CircuitBreaker\": {{ \"Enabled\": false }} }}"));

    private static RunResult TwoBackends(string events, string policy, string settings = "\"weight\": 1") => Played.Run(
        Traffic($"\"id\": \"first\", \"latency\": {{ \"distribution\": \"constant\", \"meanMs\": 100 }}, {settings}, \"events\": [ {events} ] }}, {{ \"latency\": {{ \"distribution\": \"constant\", \"meanMs\": 100 }}", ""), policy);

    private static string Traffic(string backends, string more) =>
        $"{{ \"durationSeconds\": 10, \"arrivals\": {{ \"process\": \"uniform\", \"ratePerSecond\": 100 }}{more}, \"backends\": [ {{ {backends} }} ] }}";

    private static IEnumerable<IntervalResult> Between(RunResult result, double from, double until) => result.Between(from, until);

    private static long Failures(RunResult result, double from, double until) => result.Between(from, until).Sum(interval => interval.Failures);

    /// <summary>The latencies that there were, in milliseconds.</summary>
    private static IEnumerable<double> Latencies(RunResult result, double from, double until) =>
        result.Between(from, until).SelectMany(interval => (double[])[interval.P50Ms, interval.P99Ms, interval.MaxMs]).Select(latency => Math.Round(latency, 6)).Distinct();

    private static double MeanInFlight(RunResult result, double from, double until) => result.Backends[0].Between(result, from, until).Average(interval => interval.MeanInFlight);

    private static double MeanQueue(RunResult result, double from, double until) => result.Backends[0].Between(result, from, until).Average(interval => interval.MeanQueue);

    /// <summary>The first backend's.</summary>
    private static double Share(RunResult result, double from, double until) =>
        result.Backends[0].Between(result, from, until).Sum(interval => interval.Requests) / (double)result.Between(from, until).Sum(interval => interval.Requests);
}
