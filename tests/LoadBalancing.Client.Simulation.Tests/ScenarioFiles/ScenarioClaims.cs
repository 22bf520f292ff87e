namespace LoadBalancing.Client.Simulation.Tests.ScenarioFiles;

/// <summary>What the description of each file says, as a check of its numbers. The margins are wide enough for any seed, and no wider than what the words mean.</summary>
internal static class ScenarioClaims
{
    private const string FullScan = "least_request:FullScan=true";

    public static IReadOnlyDictionary<string, Action<ScenarioPlay>> ByFile { get; } = new Dictionary<string, Action<ScenarioPlay>>(StringComparer.Ordinal)
    {
        ["busy-clients"] = static play =>
        {
            play.Summaries.ShouldAllBe(summary => summary.MaxOverMeanLoad < 1.2);
            foreach (string policy in (string[])["least_request", FullScan, "peak_ewma"])
            {
                play[policy].P99Ms.ShouldBe(play["round_robin"].P99Ms, 0.05 * play["round_robin"].P99Ms, policy);
            }
        },
        ["busy-clients-with-subsets"] = static play =>
        {
            play.ShouldLose(percent: (0.1, 5), "round_robin", "random");
            play.ShouldLose(percent: (0, 0.01), "least_request", "peak_ewma");
            play["least_request"].MaxOverMeanLoad.ShouldBeLessThan(play["random"].MaxOverMeanLoad - 0.1);
            play["peak_ewma"].MaxOverMeanLoad.ShouldBeLessThan(play["least_request"].MaxOverMeanLoad);
        },
        ["cold-start"] = static play =>
        {
            play.ShouldLose(percent: (2, 4), "round_robin", "weighted_round_robin");
            play.ShouldLose(percent: (0.02, 0.25), "least_request", "peak_ewma");
        },
        ["cold-start-with-slow-start"] = static play =>
        {
            foreach (string policy in (string[])["weighted_round_robin", "least_request", "peak_ewma"])
            {
                play.Lost(policy).ShouldBeLessThan(0.5 * play.Of("cold-start").Lost(policy), policy);
            }

            play["round_robin"].Successes.ShouldBe(play.Of("cold-start")["round_robin"].Successes);
        },
        ["even"] = static play =>
        {
            const double work = 50;
            double turns = play["round_robin"].MeanMs - work;
            (play["random"].MeanMs - work).ShouldBe(2.3 * turns, 0.4 * turns);
            (play["least_request"].MeanMs - work).ShouldBeLessThan(0.75 * turns);
            (play["peak_ewma"].MeanMs - work).ShouldBeLessThan(0.78 * turns);
            (play[FullScan].MeanMs - work).ShouldBeLessThan(0.2 * turns);
        },
        ["flapping"] = static play => play.ShouldLose(percent: (0, 0.8)),
        ["flapping-without-breaker"] = static play =>
        {
            play.ShouldLose(percent: (4.5, 5.3), "round_robin");
            play.Lost("least_request").ShouldBeGreaterThan(1.3 * play.Lost("round_robin"));
            play.Lost(FullScan).ShouldBeGreaterThan(1.4 * play.Lost("least_request"));
            play.ShouldLose(percent: (0, 0.2), "peak_ewma");
        },
        ["heavy-tailed-work"] = static play =>
        {
            foreach (string policy in (string[])["least_request", FullScan, "peak_ewma"])
            {
                play[policy].MeanMs.ShouldBeLessThan(0.75 * play["round_robin"].MeanMs, policy);
            }
        },
        ["hot-keys"] = static play =>
        {
            play.ShouldLose(percent: (2, 15), "maglev", "ring_hash", "rendezvous");
            foreach (string policy in (string[])["maglev:BoundedLoadFactor=1.25", "maglev:BoundedLoadFactor=2"])
            {
                play.ShouldLose(percent: (0, 0.01), policy);
                play[policy].MeanMs.ShouldBe(play["least_request"].MeanMs, 0.05 * play["least_request"].MeanMs);
            }
        },
        ["many-clients"] = static play =>
        {
            play.ShouldLose(percent: (0.6, 0.85));
            play.Summaries.ShouldAllBe(summary => Math.Abs(summary.P99Ms - play["random"].P99Ms) < 0.1 * play["random"].P99Ms);
        },
        ["many-clients-with-subsets"] = static play =>
        {
            play.Summaries.ShouldAllBe(summary => play.Lost(summary.Policy) < 0.55 * play.Of("many-clients").Lost(summary.Policy));
            play.Summaries.ShouldAllBe(summary => summary.MaxOverMeanLoad > 1.2);
        },
        ["one-failing-fast"] = static play => play.ShouldLose(percent: (0, 0.1)),
        ["one-failing-fast-without-breaker"] = static play =>
        {
            play.Lost("least_request").ShouldBeGreaterThan(1.5 * play.Lost("round_robin"));
            play.Lost(FullScan).ShouldBeGreaterThan(3.8 * play.Lost("round_robin"));
            play.ShouldLose(percent: (0, 0.1), "peak_ewma");
        },
        ["one-hanging"] = static play =>
        {
            play.Results.ShouldAllBe(result => result.CircuitEvents.Count == 0);
            play.ShouldLose(percent: (5, 6), "round_robin", "random");
            play.Lost("least_request").ShouldBeLessThan(0.2 * play.Lost("round_robin"));
            play.Lost("peak_ewma").ShouldBeLessThan(0.2 * play.Lost("round_robin"));
        },
        ["one-hanging-with-attempt-timeout"] = static play => play.ShouldLose(percent: (0, 0.005)),
        ["one-slow"] = static play =>
        {
            play.ShouldLose(percent: (0.9, 1.5), "round_robin", "random");
            play.ShouldLose(percent: (0, 0.2), "weighted_response_time");
            play.ShouldLose(percent: (0, 0.05), "least_request");
            play.ShouldLose(percent: (0, 0.01), "peak_ewma");
        },
        ["overload"] = static play =>
        {
            play.ShouldLose(percent: (50, 65));

            // The overload is over, and those who asked during it have gone.
            play.Results.ShouldAllBe(result => ScenarioPlay.SuccessRate(result, 36, 42) < 0.2);
        },
        ["overload-with-caps"] = static play =>
        {
            play.ShouldLose(percent: (8, 12.5));
            play.Summaries.ShouldAllBe(summary => summary.P99Ms < 600);
        },
        ["bursty-neighbours"] = static play =>
        {
            play.ShouldLose(percent: (3.5, 5), "round_robin", "random");
            play.Summaries.Where(summary => summary.Policy is not ("round_robin" or "random")).ShouldAllBe(summary => play.Lost(summary.Policy) < 0.05 * play.Lost("round_robin"));
        },
        ["pauses"] = static play =>
        {
            play.Summaries.ShouldAllBe(summary => summary.P99Ms > 3 * summary.P90Ms);
            play["peak_ewma"].P99Ms.ShouldBeGreaterThan(1.04 * play["round_robin"].P99Ms);
            play["least_request"].P99Ms.ShouldBeLessThan(0.85 * play["round_robin"].P99Ms);
        },
        ["pauses-with-hedging"] = static play =>
        {
            play.Summaries.ShouldAllBe(summary => summary.P99Ms < 0.55 * play.Of("pauses")[summary.Policy].P99Ms);
            play.Summaries.ShouldAllBe(summary => Math.Abs((summary.Retries / (double)summary.Requests) - 0.05) < 0.005);
        },
        ["retry-storm"] = static play => play.Results.ShouldAllBe(result => ScenarioPlay.SuccessRate(result, 75, 90) > 0.99),
        ["retry-storm-without-budget"] = static play => play.Results.ShouldAllBe(result => ScenarioPlay.SuccessRate(result, 40, 90) < 0.01),
        ["retry-storm-without-panic"] = static play => play.Summaries.ShouldAllBe(summary => play.Lost(summary.Policy) > 1.05 * play.Of("retry-storm").Lost(summary.Policy)),
        ["rolling-restart"] = static play => play.Summaries.ShouldAllBe(summary => summary.Successes == summary.Requests && summary.Retries > 0),
        ["rolling-restart-without-retries"] = static play => play.ShouldLose(percent: (0.15, 0.35)),
        ["two-slow-of-four"] = static play =>
        {
            play.ShouldLose(percent: (3.5, 7), "round_robin", "random");
            play.ShouldLose(percent: (0, 0.05), "least_request", "peak_ewma");
            play.Share("slow", "least_request").ShouldBeLessThan(0.42);
            play.Share("slow", "peak_ewma").ShouldBeLessThan(play.Share("slow", "least_request") - 0.05);
        },
        ["unequal-machines"] = static play =>
        {
            play.ShouldLose(percent: (3.5, 7), "round_robin", "weighted_round_robin", "random");
            play.ShouldLose(percent: (0, 0.01), "least_request", "peak_ewma");
            play.Share("large", "least_request").ShouldBeGreaterThan(0.4);
            play.Share("large", "peak_ewma").ShouldBeGreaterThan(0.5);
        },
        ["unequal-machines-with-weights"] = static play =>
        {
            play.ShouldLose(percent: (0, 0.01), "weighted_round_robin", "random");
            play["round_robin"].Successes.ShouldBe(play.Of("unequal-machines")["round_robin"].Successes);
            play["least_request"].P99Ms.ShouldBeLessThan(0.95 * play["weighted_round_robin"].P99Ms);
            play["peak_ewma"].P99Ms.ShouldBeLessThan(0.95 * play["least_request"].P99Ms);
        },
        ["zone-loss"] = static play =>
        {
            play.ShouldLose(percent: (0, 0.02));
            foreach (RunResult result in play.Results)
            {
                play.Share("a", result.Summary.Policy).ShouldBe(play.Share("b", result.Summary.Policy), 0.03);
                result.CircuitEvents.Where(circuit => circuit is { Client: 2 or 5, Seconds: >= 20 and < 21, To: CircuitState.Open }).Select(circuit => (circuit.Client, circuit.Backend)).Distinct().Count().ShouldBe(12);
            }
        },
        ["uneven-zones-with-caller-shares"] = static play =>
        {
            play.ShouldLose(percent: (0, 0.01));
            play.Summaries.ShouldAllBe(summary => Math.Abs(play.Share("a", summary.Policy) - (1 / 3.0)) < 0.01);
        },
        ["uneven-zones"] = static play =>
        {
            play.ShouldLose(percent: (1, 5));
            play.Summaries.ShouldAllBe(summary => Math.Abs(play.Share("a", summary.Policy) - (2 / 3.0)) < 0.01);
        },
    };
}
