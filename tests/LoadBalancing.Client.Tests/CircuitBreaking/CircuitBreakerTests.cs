using LoadBalancing.Client.Balancing;

namespace LoadBalancing.Client.Tests.CircuitBreaking;

public sealed class CircuitBreakerTests
{
    /// <summary>One letter each: <c>C</c>losed, <c>O</c>pen, <c>H</c>alf-open.</summary>
    private static string CircuitsOf(Circuits circuits) => string.Concat(circuits.Balancer.Backends.Select(backend => backend.Circuit.ToString()[0]));

    private static void SucceedTwice(Func<BackendLease> pick)
    {
        for (int i = 0; i < 2; i++)
        {
            pick().Complete(Outcome.Succeeded);
        }
    }

    private static void OpenAll(Circuits circuits)
    {
        while (circuits.Balancer.Backends.FirstOrDefault(backend => backend.Circuit != CircuitState.Open) is { } next)
        {
            BackendLease lease = circuits.Pick();
            lease.Backend.ShouldBe(next);
            lease.Complete(Outcome.Failed);
        }
    }

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Complete_FiveFailuresInARow_OpensTheCircuitAndNotOneEarlier()
    {
        using Circuits circuits = new();

        circuits.Try("xxxx");
        circuits.First.Circuit.ShouldBe(CircuitState.Closed);
        circuits.Try("x");

        circuits.First.Circuit.ShouldBe(CircuitState.Open);
        circuits.First.Unavailability.ShouldBe(Unavailability.CircuitOpen);
        circuits.Moves.ShouldBe([("b0", CircuitState.Open)]);
        circuits.Pick().Backend.Id.ShouldBe("b1");
    }

    [Fact]
    public void Complete_ASuccessBetween_BeginsTheRowAnew()
    {
        using Circuits circuits = new(configure: options => options.MinimumThroughput = 1000);

        circuits.Try("xxxx.xxxx.xxxx");

        circuits.First.Circuit.ShouldBe(CircuitState.Closed);
    }

    [Fact]
    public void Complete_CancellationsBetween_NeitherEndTheRowNorAddToIt()
    {
        using Circuits circuits = new();

        circuits.Try("cccccccccxxcxxc");
        circuits.First.Circuit.ShouldBe(CircuitState.Closed);
        circuits.Try("x");

        circuits.First.Circuit.ShouldBe(CircuitState.Open);
    }

    [Fact]
    public void Complete_HalfOfTwentyAttemptsFail_OpensAtTheTwentieth()
    {
        using Circuits circuits = new();

        circuits.Try(".x.x.x.x.x.x.x.x.x.");
        circuits.First.Circuit.ShouldBe(CircuitState.Closed);
        circuits.Try("x");

        circuits.First.Circuit.ShouldBe(CircuitState.Open);
    }

    [Fact]
    public void Complete_LessThanHalfFail_StaysClosed()
    {
        using Circuits circuits = new();

        circuits.Try(string.Concat(Enumerable.Repeat("..x.x", 200)));

        circuits.First.Circuit.ShouldBe(CircuitState.Closed);
    }

    [Fact]
    public void Complete_FailuresOlderThanTheWindow_DoNotCount()
    {
        using Circuits circuits = new();
        circuits.Try("x.x.x.x.x.x.x.x.x.");
        circuits.Clock.Advance(9 * Second);
        circuits.Try("...");
        circuits.Clock.Advance(2 * Second);

        // In the window are the three successes and what comes now; with the nine failures before, it would open.
        circuits.Try("xx.xx");

        circuits.First.Circuit.ShouldBe(CircuitState.Closed);
    }

    [Fact]
    public void Complete_SuccessesOfTheWholeWindow_CountAgainstTheFailures()
    {
        using Circuits circuits = new();
        for (int i = 0; i < 9; i++)
        {
            circuits.Try("......");
            circuits.Clock.Advance(Second);
        }

        circuits.Try(string.Concat(Enumerable.Repeat("xxxx.", 10)));

        circuits.First.Circuit.ShouldBe(CircuitState.Closed, "40 of 104 is less than half");
    }

    [Fact]
    public void Complete_SuccessesBeforeTheWindow_DoNotHideTheFailures()
    {
        using Circuits circuits = new();
        circuits.Try(new string('.', 1000));
        circuits.Clock.Advance(11 * Second);

        circuits.Try("xxxx.xxxx.xxxx.xxxx");
        circuits.First.Circuit.ShouldBe(CircuitState.Closed);
        circuits.Try(".");
        circuits.Try("x");

        circuits.First.Circuit.ShouldBe(CircuitState.Open);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Open_AfterItsBreak_IsHalfOpenWithinTheJitter(int seed)
    {
        using Circuits circuits = new(seed: seed);
        circuits.Open();

        circuits.Clock.Advance(TimeSpan.FromSeconds(4) - TimeSpan.FromTicks(1));
        circuits.First.Circuit.ShouldBe(CircuitState.Open);
        circuits.Clock.Advance(2 * Second);

        circuits.First.Circuit.ShouldBe(CircuitState.HalfOpen);
        circuits.IsFirstEligible.ShouldBeTrue();
    }

    [Fact]
    public void HalfOpen_FailingAgainAndAgain_DoublesTheBreakUpToAMinute()
    {
        using Circuits circuits = new(configure: options => options.Jitter = 0);
        circuits.Open();

        foreach (int seconds in (int[])[5, 10, 20, 40, 60, 60])
        {
            circuits.Clock.Advance((seconds * Second) - TimeSpan.FromTicks(1));
            circuits.First.Circuit.ShouldBe(CircuitState.Open, $"before {seconds} s");
            circuits.Clock.Advance(TimeSpan.FromTicks(1));
            circuits.First.Circuit.ShouldBe(CircuitState.HalfOpen, $"after {seconds} s");
            circuits.Try("x");
            circuits.First.Circuit.ShouldBe(CircuitState.Open);
        }
    }

    [Fact]
    public void Open_ManyTimes_JittersByAFifth()
    {
        List<double> breaks = [];
        for (int seed = 0; seed < 300; seed++)
        {
            using Circuits circuits = new(seed: seed);
            circuits.Balancer.CircuitChanged += (_, change) => breaks.Add(change.Break!.Value.TotalSeconds);
            circuits.Open();
        }

        breaks.ShouldAllBe(seconds => seconds >= 4 && seconds <= 6);
        breaks.Min().ShouldBeLessThan(4.1);
        breaks.Max().ShouldBeGreaterThan(5.9);
    }

    [Fact]
    public void HalfOpen_TwoSuccesses_CloseItAndTheNextBreakIsShortAgain()
    {
        using Circuits circuits = new(configure: options => options.Jitter = 0);
        circuits.Open();
        circuits.Clock.Advance(5 * Second);
        circuits.Try("x");
        circuits.Clock.Advance(10 * Second);

        circuits.Try(".");
        circuits.First.Circuit.ShouldBe(CircuitState.HalfOpen);
        circuits.Try(".");
        circuits.First.Circuit.ShouldBe(CircuitState.Closed);
        circuits.Open();
        circuits.Clock.Advance(5 * Second);

        circuits.First.Circuit.ShouldBe(CircuitState.HalfOpen);
    }

    [Fact]
    public void HalfOpen_OneAttemptAtATime_UntilItResponds()
    {
        using Circuits circuits = new();
        circuits.HalfOpen();

        BackendLease trial = circuits.PickFirst();
        circuits.Pick().Backend.Id.ShouldBe("b1");
        trial.Responded(Outcome.Succeeded);

        // It streams on for two hours; the place is free.
        circuits.PickFirst().Complete(Outcome.Succeeded);
        circuits.First.Circuit.ShouldBe(CircuitState.Closed);
        circuits.First.InFlight.ShouldBe(1);
        trial.Complete(Outcome.Succeeded);
    }

    [Theory]
    [InlineData("canceled")]
    [InlineData("nothing")]
    public void HalfOpen_AttemptThatDecidesNothing_GivesItsPlaceBack(string how)
    {
        using Circuits circuits = new();
        circuits.HalfOpen();

        for (int i = 0; i < 10; i++)
        {
            circuits.PickFirst().Complete(how == "canceled" ? Outcome.Canceled : default);
        }

        circuits.First.Circuit.ShouldBe(CircuitState.HalfOpen);
    }

    [Fact]
    public void HalfOpen_AttemptThatNeverEnds_LosesItsPlaceAfterTheAttemptTimeout()
    {
        using Circuits circuits = new();
        circuits.HalfOpen();
        BackendLease hanging = circuits.PickFirst();

        circuits.Clock.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        circuits.Pick().Backend.Id.ShouldBe("b1");
        circuits.Clock.Advance(TimeSpan.FromTicks(1));
        BackendLease next = circuits.PickFirst();

        // Its late end frees nobody else's place.
        hanging.Complete(Outcome.Canceled);
        circuits.Pick().Backend.Id.ShouldBe("b1");
        next.Complete(Outcome.Canceled);
    }

    [Fact]
    public void HalfOpen_SeveralPermits_LetThatManyThrough()
    {
        using Circuits circuits = new(configure: options => options.HalfOpenPermits = 3);
        circuits.HalfOpen();

        BackendLease[] trials = [circuits.PickFirst(), circuits.PickFirst(), circuits.PickFirst()];
        circuits.Pick().Backend.Id.ShouldBe("b1");
        Array.ForEach(trials, trial => trial.Complete(Outcome.Canceled));

        circuits.PickFirst().Complete(default);
    }

    [Fact]
    public void Complete_OfAnAttemptFromBeforeTheCircuitOpened_DecidesNothing()
    {
        using Circuits circuits = new();
        BackendLease[] old = [.. Enumerable.Range(0, 60).Select(_ => circuits.PickFirst())];
        circuits.HalfOpen();

        Array.ForEach(old[..20], lease => lease.Complete(Outcome.Failed with { ErrorType = "500" }));
        circuits.First.Circuit.ShouldBe(CircuitState.HalfOpen);
        Array.ForEach(old[20..40], lease => lease.Complete(Outcome.Succeeded));
        circuits.First.Circuit.ShouldBe(CircuitState.HalfOpen);
        circuits.Try("..");
        circuits.First.Circuit.ShouldBe(CircuitState.Closed);
        Array.ForEach(old[40..], lease => lease.Complete(Outcome.Failed with { ErrorType = "500" }));

        circuits.Try("xxxx");
        circuits.First.Circuit.ShouldBe(CircuitState.Closed);
    }

    [Fact]
    public void Complete_AHundredAttemptsOnAConnectionThatDies_CountOnce()
    {
        using Circuits circuits = new();
        BackendLease[] streams = [.. Enumerable.Range(0, 100).Select(_ => circuits.PickFirst())];

        Array.ForEach(streams, stream => stream.Complete(Outcome.Failed with { ErrorType = "response_ended" }));

        circuits.First.Circuit.ShouldBe(CircuitState.Closed);
        circuits.Try("xxx");
        circuits.First.Circuit.ShouldBe(CircuitState.Closed);
        circuits.Try("x");
        circuits.First.Circuit.ShouldBe(CircuitState.Open);
    }

    [Fact]
    public void Complete_AHundredAttemptsAnsweredWithAnError_CountEach()
    {
        using Circuits circuits = new();
        BackendLease[] requests = [.. Enumerable.Range(0, 5).Select(_ => circuits.PickFirst())];

        Array.ForEach(requests, request => request.Complete(Outcome.Failed with { ErrorType = "503" }));

        circuits.First.Circuit.ShouldBe(CircuitState.Open);
    }

    [Fact]
    public void Complete_ConnectionsThatDieOneAfterAnother_CountEach()
    {
        using Circuits circuits = new();
        BackendLease[] streams = [.. Enumerable.Range(0, 5).Select(_ => circuits.PickFirst())];

        foreach (BackendLease stream in streams)
        {
            stream.Complete(Outcome.Failed with { ErrorType = "response_ended" });
            circuits.Clock.Advance(Second);
        }

        circuits.First.Circuit.ShouldBe(CircuitState.Open);
    }

    [Fact]
    public void Complete_FailureAfterAFailedResponse_CountsOnce()
    {
        using Circuits circuits = new();

        for (int i = 0; i < 4; i++)
        {
            BackendLease lease = circuits.PickFirst();
            lease.Responded(Outcome.Failed with { ErrorType = "500" });
            lease.Complete(Outcome.Failed with { ErrorType = "response_ended" });
        }

        circuits.First.Circuit.ShouldBe(CircuitState.Closed);
    }

    [Fact]
    public void Complete_BodyThatBreaksAfterAGoodResponse_IsAFailure()
    {
        using Circuits circuits = new(configure: options => options.ConsecutiveFailures = 1);
        BackendLease lease = circuits.PickFirst();
        lease.Responded(Outcome.Succeeded);

        lease.Complete(Outcome.Failed);

        circuits.First.Circuit.ShouldBe(CircuitState.Open);
    }

    [Fact]
    public void Pick_EverythingOpen_UsesItAllTheSameAndTwoSuccessesClose()
    {
        using Circuits circuits = new(count: 1);
        circuits.Open();

        BackendLease[] leases = [.. Enumerable.Range(0, 5).Select(_ => circuits.PickFirst())];
        leases[0].Reasons.ShouldBe(PickReasons.FailOpen);
        leases[0].Complete(Outcome.Succeeded);
        leases[1].Complete(Outcome.Failed);
        leases[2].Complete(Outcome.Succeeded);
        circuits.First.Circuit.ShouldBe(CircuitState.Open);
        leases[3].Complete(Outcome.Succeeded);

        circuits.First.Circuit.ShouldBe(CircuitState.Closed);
        circuits.PickFirst().Reasons.ShouldBe(PickReasons.None);
    }

    [Fact]
    public void Pick_EverythingOpenAndOneCloses_TwoOthersAtATimeProveThemselvesAtOnce()
    {
        using Circuits circuits = new(count: 6, configure: options => options.Jitter = 0);
        OpenAll(circuits);

        circuits.Try("..");

        CircuitsOf(circuits).ShouldBe("CHHOOO");
        SucceedTwice(circuits.PickAnother);
        CircuitsOf(circuits).ShouldBe("CCHHHO");
    }

    [Fact]
    public void Pick_EverythingOpenAndOneCloses_ThoseWhoseBreaksAreOverFirstComeFirst()
    {
        using Circuits circuits = new(count: 4, configure: options => options.Jitter = 0);
        circuits.Open();
        for (int i = 0; i < 5; i++)
        {
            circuits.Pick().Complete(Outcome.Failed);
        }

        // Two trials fail, so these two stay out for longer.
        circuits.Clock.Advance(TimeSpan.FromSeconds(5));
        circuits.PickFirst().Complete(Outcome.Failed);
        circuits.Pick().Complete(Outcome.Failed);
        OpenAll(circuits);
        CircuitsOf(circuits).ShouldBe("OOOO");

        circuits.Balancer.TryPick(new PickRequest { Excluded = default(BackendExclusions).With(circuits.First).With(circuits.Balancer.Backends[1]) }, out BackendLease third);
        third.Complete(Outcome.Succeeded);
        circuits.Balancer.TryPick(new PickRequest { Excluded = default(BackendExclusions).With(circuits.First).With(circuits.Balancer.Backends[1]) }, out third);
        third.Complete(Outcome.Succeeded);

        CircuitsOf(circuits).ShouldBe("HOCH");
    }

    [Fact]
    public void Pick_EverythingOutAndAHalfOpenOneCloses_OthersProveThemselvesAtOnce()
    {
        using Circuits circuits = new(count: 4, configure: options => options.Jitter = 0);
        circuits.Open();
        circuits.Clock.Advance(TimeSpan.FromSeconds(2));
        OpenAll(circuits);
        circuits.Clock.Advance(TimeSpan.FromSeconds(3));
        CircuitsOf(circuits).ShouldBe("HOOO");

        circuits.Try("..");

        CircuitsOf(circuits).ShouldBe("CHHO");
    }

    [Fact]
    public void Pick_HalfOpenCircuitClosesWhereOthersAreLeft_TheRestWaitsForItsTime()
    {
        using Circuits circuits = new(count: 3, configure: options => options.Jitter = 0);
        circuits.Open();
        circuits.Clock.Advance(TimeSpan.FromSeconds(2));
        for (int i = 0; i < 5; i++)
        {
            circuits.Pick().Complete(Outcome.Failed);
        }

        circuits.Clock.Advance(TimeSpan.FromSeconds(3));
        CircuitsOf(circuits).ShouldBe("HOC");
        circuits.Try("..");

        CircuitsOf(circuits).ShouldBe("COC");
    }

    [Fact]
    public void Pick_BreakEndedEarlyAndOpenedAgain_TheOldBreaksEndDoesNothing()
    {
        using Circuits circuits = new(count: 2, configure: options => options.Jitter = 0);
        OpenAll(circuits);
        circuits.Clock.Advance(TimeSpan.FromSeconds(3));
        circuits.Try("..");
        circuits.PickAnother().Complete(Outcome.Failed);

        circuits.Clock.Advance(TimeSpan.FromSeconds(4));

        CircuitsOf(circuits).ShouldBe("CO");
        circuits.Clock.Advance(TimeSpan.FromSeconds(1));
        CircuitsOf(circuits).ShouldBe("CH");
    }

    [Fact]
    public void Pick_TrialAfterABreakThatEndedEarlyFails_TheBreakIsNoLonger()
    {
        using Circuits circuits = new(count: 2, configure: options => options.Jitter = 0);
        OpenAll(circuits);
        circuits.Try("..");

        circuits.PickAnother().Complete(Outcome.Failed);

        circuits.Balancer.Backends[1].Circuit.ShouldBe(CircuitState.Open);
        circuits.Clock.Advance(TimeSpan.FromSeconds(5));
        circuits.Balancer.Backends[1].Circuit.ShouldBe(CircuitState.HalfOpen);
    }

    [Fact]
    public void Complete_SuccessesOfThoseSentBecauseNobodyElseWasLeft_Close()
    {
        using Circuits circuits = new();
        circuits.Open();

        for (int i = 0; i < 2; i++)
        {
            circuits.First.Circuit.ShouldBe(CircuitState.Open);
            circuits.Balancer.TryPickSuspect(default(BackendExclusions).With(circuits.Balancer.Backends[1]), out BackendLease lease).ShouldBeTrue();
            lease.Complete(Outcome.Succeeded);
        }

        circuits.First.Circuit.ShouldBe(CircuitState.Closed);
    }

    [Fact]
    public void Pick_NothingButHalfOpenCircuits_IsNotLimitedByPermits()
    {
        using Circuits circuits = new(count: 1);
        circuits.HalfOpen();

        BackendLease[] leases = [circuits.PickFirst(), circuits.PickFirst(), circuits.PickFirst()];
        leases[0].Reasons.ShouldBe(PickReasons.FailOpen, "a pool cannot live on one attempt at a time");
        leases[0].Complete(Outcome.Succeeded);
        leases[1].Complete(Outcome.Succeeded);

        circuits.First.Circuit.ShouldBe(CircuitState.Closed);
        BackendLease next = circuits.PickFirst();
        next.Reasons.ShouldBe(PickReasons.None);
        next.Complete(default);
        leases[2].Complete(default);
    }

    [Fact]
    public void Pick_HalfOpenCircuitAndFailClosed_IsLimitedByPermits()
    {
        using Circuits circuits = new(count: 1, failClosed: true);
        circuits.HalfOpen();

        BackendLease trial = circuits.PickFirst();

        circuits.Balancer.TryPick(default, out _).ShouldBeFalse();
        trial.Complete(default);
    }

    [Fact]
    public void Apply_OtherOptionsWhileHalfOpen_ItStillCloses()
    {
        using Circuits circuits = new();
        circuits.HalfOpen();

        circuits.Balancer.Apply(Options(circuits, enabled: true, successesToClose: 3));

        circuits.Try("..");
        circuits.First.Circuit.ShouldBe(CircuitState.HalfOpen);
        circuits.Try(".");
        circuits.First.Circuit.ShouldBe(CircuitState.Closed);
    }

    [Fact]
    public void Apply_OtherOptionsInTheMiddleOfARow_ASuccessStillEndsIt()
    {
        using Circuits circuits = new();
        circuits.Try("xxxx");

        circuits.Balancer.Apply(Options(circuits, enabled: true, successesToClose: 3));

        circuits.Try("...xxxx");
        circuits.First.Circuit.ShouldBe(CircuitState.Closed);
    }

    [Fact]
    public void Apply_OtherOptionsAfterItClosed_LateOutcomesStillDecideNothing()
    {
        using Circuits circuits = new();
        BackendLease[] old = [.. Enumerable.Range(0, 60).Select(_ => circuits.PickFirst())];
        circuits.HalfOpen();
        circuits.Try("..");

        circuits.Balancer.Apply(Options(circuits, enabled: true, successesToClose: 3));
        Array.ForEach(old, lease => lease.Complete(Outcome.Failed with { ErrorType = "timeout" }));

        circuits.Try("x.");
        circuits.First.Circuit.ShouldBe(CircuitState.Closed);
    }

    [Fact]
    public void Pick_EverythingOpenAndFailClosed_RefusesUntilTheBreakIsOver()
    {
        using Circuits circuits = new(count: 1, failClosed: true);
        circuits.Open();
        circuits.Balancer.TryPick(default, out _).ShouldBeFalse();

        circuits.Clock.Advance(6 * Second);

        circuits.PickFirst().Complete(Outcome.Succeeded);
    }

    [Fact]
    public void Isolate_WhateverTheBreakerSays_IsWhatTheCircuitShows()
    {
        using Circuits circuits = new();
        circuits.Open();

        circuits.Balancer.Isolate("b0");
        circuits.First.Circuit.ShouldBe(CircuitState.Isolated);
        circuits.Clock.Advance(6 * Second);
        circuits.Balancer.Restore("b0");

        circuits.First.Circuit.ShouldBe(CircuitState.HalfOpen);
    }

    [Fact]
    public void Options_TurnedOff_NothingOpens()
    {
        using Circuits circuits = new(configure: options => options.Enabled = false);

        circuits.Try("xxxxxxxxxxxxxxxxxxxxxxxx");

        circuits.First.Circuit.ShouldBe(CircuitState.Closed);
        circuits.Clock.ActiveTimers.ShouldBe(0);
    }

    [Fact]
    public void Apply_TurnedOffWhileOpen_ClosesAndStaysClosed()
    {
        using Circuits circuits = new();
        circuits.Open();

        circuits.Balancer.Apply(Options(circuits, enabled: false));

        circuits.First.Unavailability.ShouldBe(Unavailability.None);
        circuits.First.Circuit.ShouldBe(CircuitState.Closed);
        circuits.Try("xxxxxxxxxx");
        circuits.Balancer.Apply(Options(circuits, enabled: true));
        circuits.Open();
    }

    [Fact]
    public void Dispose_WithOpenCircuits_LeavesNoTimer()
    {
        Circuits circuits = new();
        circuits.Open();

        circuits.Dispose();

        circuits.Clock.ActiveTimers.ShouldBe(0);
    }

    [Fact]
    public void Traffic_Over_ItsTimerStops()
    {
        using Circuits circuits = new();
        circuits.Try("...");
        circuits.Clock.ActiveTimers.ShouldBe(1);

        circuits.Clock.Advance(3 * Second);

        circuits.Clock.ActiveTimers.ShouldBe(0, "an idle balancer does not wake the machine");
        circuits.Open();
    }

    [Fact]
    public void Explain_OpenCircuit_SaysSinceWhenWhyAndWhatComesNext()
    {
        using Circuits circuits = new(configure: options => options.Jitter = 0);
        circuits.Open();
        circuits.Clock.Advance(5 * Second);
        circuits.Try("x");
        circuits.Clock.Advance(4 * Second);

        circuits.Balancer.Explain(default).Backends[0].Obstacles.ShouldBe(["circuit_open 4 s ago (failed), second time, half-open in 6 s"]);
    }

    private static BalancerOptions Options(Circuits circuits, bool enabled, int successesToClose = 2)
    {
        BalancerOptions options = new() { Policy = circuits.Balancer.Options.Policy };
        foreach (Backend backend in circuits.Balancer.Options.Backends)
        {
            options.Backends.Add(backend);
        }

        options.CircuitBreaker.Enabled = enabled;
        options.CircuitBreaker.SuccessesToClose = successesToClose;
        return options;
    }
}
