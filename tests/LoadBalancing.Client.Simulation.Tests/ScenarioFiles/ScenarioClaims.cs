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
            play.ShouldLose(percent: (0.1, 2.5), "round_robin", "random");
            play.ShouldLose(percent: (0, 0.005), "least_request", "peak_ewma");
            foreach (string policy in (string[])["round_robin", "random"])
            {
                play[policy].MaxOverMeanLoad.ShouldBeGreaterThan(1.5, policy);
                play["least_request"].MaxOverMeanLoad.ShouldBeLessThan(play[policy].MaxOverMeanLoad - 0.1);
            }

            play["peak_ewma"].MaxOverMeanLoad.ShouldBeLessThan(play["least_request"].MaxOverMeanLoad);
        },
        ["cold-start"] = static play =>
        {
            play.ShouldLose(percent: (2.5, 2.95), "round_robin", "weighted_round_robin");
            play.ShouldLose(percent: (0.02, 0.2), "least_request");
            play.ShouldLose(percent: (0.02, 0.1), "peak_ewma");
        },
        ["cold-start-with-slow-start"] = static play =>
        {
            play.ShouldLose(percent: (0.02, 0.1), "weighted_round_robin");
            foreach (string policy in (string[])["least_request", "peak_ewma"])
            {
                play.Lost(policy).ShouldBeLessThan(0.5 * play.Of("cold-start").Lost(policy), policy);
            }

            play["round_robin"].Successes.ShouldBe(play.Of("cold-start")["round_robin"].Successes);
        },
        ["even"] = static play =>
        {
            const double work = 50;
            double turns = play["round_robin"].MeanMs - work;
            (play["random"].MeanMs - work).ShouldBe(2.3 * turns, 0.3 * turns);
            (play["least_request"].MeanMs - work).ShouldBe(0.67 * turns, 0.12 * turns);
            (play["peak_ewma"].MeanMs - work).ShouldBe(0.67 * turns, 0.12 * turns);
            (play[FullScan].MeanMs - work).ShouldBeLessThan(turns / 6);
        },
        ["flapping"] = static play =>
        {
            play.ShouldLose(percent: (0.2, 0.6), "round_robin", "least_request", FullScan);
            play.ShouldLose(percent: (0.05, 0.15), "peak_ewma");

            // A first break is 5 s ± 20 %, a second one 10 s ± 20 %.
            play.Results.Where(result => result.Summary.Policy != "peak_ewma").ShouldAllBe(result => ScenarioPlay.MedianBreak(result) >= 4 && ScenarioPlay.MedianBreak(result) < 6);
        },
        ["flapping-without-breaker"] = static play =>
        {
            play.ShouldLose(percent: (4.7, 5.1), "round_robin");
            play.ShouldLose(percent: (7.1, 7.7), "least_request");
            play.ShouldLose(percent: (12.1, 13.1), FullScan);
            play.ShouldLose(percent: (0.05, 0.15), "peak_ewma");
        },
        ["heavy-tailed-work"] = static play =>
        {
            double turns = play["round_robin"].MeanMs;
            play["least_request"].MeanMs.ShouldBeInRange(0.5 * turns, 0.65 * turns);
            play[FullScan].MeanMs.ShouldBeInRange(0.45 * turns, 0.6 * turns);
            play["peak_ewma"].MeanMs.ShouldBeInRange(0.55 * turns, 0.75 * turns);
        },
        ["hot-keys"] = static play =>
        {
            play.ShouldLose(percent: (2.5, 7.5), "maglev", "ring_hash", "rendezvous");
            foreach (string policy in (string[])["maglev:BoundedLoadFactor=1.25", "maglev:BoundedLoadFactor=2"])
            {
                play.ShouldLose(percent: (0, 0.005), policy);
                play[policy].MeanMs.ShouldBe(play["least_request"].MeanMs, 0.03 * play["least_request"].MeanMs);
            }
        },
        ["many-clients"] = static play =>
        {
            play.ShouldLose(percent: (0.6, 0.8));
            play.Summaries.ShouldAllBe(summary => Math.Abs(play.Lost(summary.Policy) - play.Lost("random")) < 0.1 * play.Lost("random"));
            foreach (RunResult result in play.Results)
            {
                double share = ScenarioPlay.ClientsWithOpenCircuits(result) / 200.0;
                share.ShouldBe(result.Summary.Policy is "random" or "least_request" ? 0.2 : 0, 0.05, result.Summary.Policy);
                ScenarioPlay.MedianBreak(result).ShouldBeLessThan(6);
            }
        },
        ["many-clients-with-subsets"] = static play =>
        {
            play.ShouldLose(percent: (0.15, 0.35), "round_robin", "random", "least_request");
            play.ShouldLose(percent: (0.08, 0.16), "peak_ewma");
            play.Summaries.ShouldAllBe(summary => summary.MaxOverMeanLoad > 1.2 && summary.MaxOverMeanLoad < 1.8);
        },
        ["one-failing-fast"] = static play => play.ShouldLose(percent: (0, 0.1)),
        ["one-failing-fast-without-breaker"] = static play =>
        {
            play.ShouldLose(percent: (5.3, 5.6), "round_robin");
            (play.Lost("least_request") / play.Lost("round_robin")).ShouldBe(1.75, 0.1);
            (play.Lost(FullScan) / play.Lost("round_robin")).ShouldBeInRange(4, 4.4);
            play.ShouldLose(percent: (0, 0.1), "peak_ewma");
        },
        ["one-hanging"] = static play =>
        {
            play.Results.ShouldAllBe(result => result.CircuitEvents.Count == 0);
            play.ShouldLose(percent: (5.1, 5.7), "round_robin", "random");
            play.ShouldLose(percent: (0.6, 0.8), "least_request");
            play.ShouldLose(percent: (0.1, 0.2), "peak_ewma");
        },
        ["one-hanging-with-attempt-timeout"] = static play => play.ShouldLose(percent: (0, 0.005)),
        ["one-slow"] = static play =>
        {
            play.ShouldLose(percent: (0.9, 1.4), "round_robin", "random");
            play.ShouldLose(percent: (0, 0.15), "weighted_response_time");
            play.ShouldLose(percent: (0, 0.05), "least_request");
            play.ShouldLose(percent: (0, 0.01), "peak_ewma");
        },
        ["overload"] = static play =>
        {
            play.ShouldLose(percent: (53, 62));

            // The overload is over, and those who asked during it have gone.
            play.Results.ShouldAllBe(result => ScenarioPlay.SuccessRate(result, 36, 42) < 0.2);
        },
        ["overload-with-caps"] = static play =>
        {
            play.ShouldLose(percent: (9, 11.5));
            play.Summaries.ShouldAllBe(summary => summary.P99Ms < 500);
        },
        ["bursty-neighbours"] = static play =>
        {
            play.ShouldLose(percent: (3.9, 4.8), "round_robin", "random");
            play.ShouldLose(percent: (0, 0.2), "least_request", FullScan, "peak_ewma");
        },
        ["pauses"] = static play =>
        {
            play.Summaries.ShouldAllBe(summary => Math.Abs(summary.P90Ms - 50) < 5);
            play["least_request"].P99Ms.ShouldBe(220, 35);
            play["round_robin"].P99Ms.ShouldBe(330, 35);
            play["random"].P99Ms.ShouldBe(330, 35);
            play["peak_ewma"].P99Ms.ShouldBe(380, 25);
        },
        ["pauses-with-hedging"] = static play =>
        {
            play.Summaries.ShouldAllBe(summary => summary.P99Ms < 100);
            play.Summaries.ShouldAllBe(summary => summary.P99Ms < 0.5 * play.Of("pauses")[summary.Policy].P99Ms);
            play.Summaries.ShouldAllBe(summary => Math.Abs(ScenarioPlay.RetriesPerRequest(summary) - 0.05) < 0.005);
        },
        ["retry-storm"] = static play =>
        {
            play.Summaries.ShouldAllBe(summary => Math.Abs(ScenarioPlay.RetriesPerRequest(summary) - 0.1) < 0.025);
            play.Results.ShouldAllBe(result => ScenarioPlay.SuccessRate(result, 75, 90) > 0.999);
        },
        ["retry-storm-without-budget"] = static play =>
        {
            play.Summaries.ShouldAllBe(summary => Math.Abs(1 + ScenarioPlay.RetriesPerRequest(summary) - 2.6) < 0.1);
            play.Results.ShouldAllBe(result => ScenarioPlay.SuccessRate(result, 40, 90) < 0.01);
        },
        ["retry-storm-without-panic"] = static play => play.Results.ShouldAllBe(result => ScenarioPlay.SuccessRate(result, 75, 90) > 0.99),
        ["rolling-restart"] = static play => play.Summaries.ShouldAllBe(summary => summary.Successes == summary.Requests && summary.Retries > 0),
        ["rolling-restart-without-retries"] = static play =>
        {
            play.ShouldLose(percent: (0.25, 0.35), "round_robin", "least_request");
            play.ShouldLose(percent: (0.14, 0.25), "peak_ewma");
        },
        ["two-slow-of-four"] = static play =>
        {
            play.ShouldLose(percent: (3.8, 6.2), "round_robin", "random");
            play.ShouldLose(percent: (0, 0.01), "least_request", "peak_ewma");
            play.Share("slow", "round_robin").ShouldBe(0.5, 0.01);
            play.Share("slow", "random").ShouldBe(0.5, 0.01);
            play.Share("slow", "least_request").ShouldBe(0.37, 0.015);
            play.Share("slow", "peak_ewma").ShouldBe(0.29, 0.015);
        },
        ["unequal-machines"] = static play =>
        {
            play.ShouldLose(percent: (4, 6), "round_robin", "weighted_round_robin", "random");
            play.ShouldLose(percent: (0, 0.005), "least_request", "peak_ewma");
            play.Share("large", "least_request").ShouldBe(0.43, 0.015);
            play.Share("large", "peak_ewma").ShouldBe(0.53, 0.015);
        },
        ["unequal-machines-with-weights"] = static play =>
        {
            play.ShouldLose(percent: (0, 0.005), "weighted_round_robin", "random", "least_request", "peak_ewma");
            play["round_robin"].Successes.ShouldBe(play.Of("unequal-machines")["round_robin"].Successes);
            double weighted = play["weighted_round_robin"].P99Ms;
            play["least_request"].P99Ms.ShouldBe(0.9 * weighted, 0.03 * weighted);
            play["peak_ewma"].P99Ms.ShouldBe(0.78 * weighted, 0.03 * weighted);
        },
        ["zone-loss"] = static play =>
        {
            play.ShouldLose(percent: (0, 0.01));
            foreach (RunResult result in play.Results)
            {
                play.Share("a", result.Summary.Policy).ShouldBe(play.Share("b", result.Summary.Policy), 0.03);
                result.CircuitEvents.Where(circuit => circuit is { Client: 2 or 5, Seconds: >= 20 and < 21, To: CircuitState.Open }).Select(circuit => (circuit.Client, circuit.Backend)).Distinct().Count().ShouldBe(12);
            }
        },
        ["uneven-zones-with-caller-shares"] = static play =>
        {
            play.ShouldLose(percent: (0, 0.005));
            play.Summaries.ShouldAllBe(summary => Math.Abs(play.Share("a", summary.Policy) - (1 / 3.0)) < 0.01);
        },
        ["uneven-zones"] = static play =>
        {
            play.ShouldLose(percent: (1.5, 4));
            play.Summaries.ShouldAllBe(summary => Math.Abs(play.Share("a", summary.Policy) - (2 / 3.0)) < 0.01);
        },
    };
}
