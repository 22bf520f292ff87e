using LoadBalancing.Client.Backends;

namespace LoadBalancing.Client.Tests.Health.Probing;

/// <summary>When probes take a backend out, and bring it back.</summary>
public sealed class ThresholdTests
{
    [Fact]
    public void Probes_ThreeFailuresInARow_TakeItOut()
    {
        using ProbedPool pool = new(1);
        pool.Probe.Fail("b0");

        pool.Start();
        pool.Advance(5);
        pool.IsDown("b0").ShouldBeFalse();
        pool.Advance(4.9);
        pool.IsDown("b0").ShouldBeFalse();
        pool.Advance(0.1);
        pool.IsDown("b0").ShouldBeTrue();
    }

    [Fact]
    public void Probes_SuccessBetweenFailures_StartsTheCountAnew()
    {
        using ProbedPool pool = new(1);
        Queue<bool> answers = new([false, false, true, false, false, true, false, false, false]);
        pool.Probe.Answer("b0", _ => ValueTask.FromResult(answers.Dequeue() ? ProbeResult.Healthy : ProbeResult.Unhealthy("503")));

        pool.Start();
        pool.Advance(35);
        pool.IsDown("b0").ShouldBeFalse();
        pool.Advance(5);
        pool.IsDown("b0").ShouldBeTrue();
    }

    [Fact]
    public void Probes_TwoSuccessesInARow_BringItBack()
    {
        using ProbedPool pool = new(1);
        Queue<bool> answers = new([false, false, false, true, false, true, true]);
        pool.Probe.Answer("b0", _ => ValueTask.FromResult(answers.Dequeue() ? ProbeResult.Healthy : ProbeResult.Unhealthy("503")));

        pool.Start();
        pool.Advance(10);
        pool.IsDown("b0").ShouldBeTrue();
        pool.Advance(15);
        pool.IsDown("b0").ShouldBeTrue();
        pool.Advance(5);
        pool.IsDown("b0").ShouldBeFalse();
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 5)]
    [InlineData(7, 3)]
    public void Probes_OtherThresholds_AreKept(int unhealthy, int healthy)
    {
        using ProbedPool pool = new(1, options => (options.UnhealthyThreshold, options.HealthyThreshold) = (unhealthy, healthy));
        pool.Probe.Fail("b0");
        pool.Start();
        int failures = CountUntil(pool, isDown: true);

        pool.Probe.Heal("b0");
        pool.Advance(5);
        int successes = CountUntil(pool, isDown: false);

        failures.ShouldBe(unhealthy);
        successes.ShouldBe(healthy);
    }

    [Fact]
    public void Probes_OneBackendDown_GetsNoPicksAndTheOthersDo()
    {
        using ProbedPool pool = new(3);
        pool.Probe.Fail("b1");
        pool.Start();
        pool.Advance(15);

        for (int i = 0; i < 9; i++)
        {
            pool.Balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
            lease.Backend.Id.ShouldNotBe("b1");
            lease.Complete(Outcome.Succeeded);
        }
    }

    [Fact]
    public void Verdict_OfABackendThatIsDown_SaysWhySinceWhenAndWhatIsNext()
    {
        using ProbedPool pool = new(1);
        pool.Probe.Fail("b0", "503");
        pool.Start();
        pool.Advance(10);
        long down = pool.Clock.GetTimestamp();

        pool.VerdictOf("b0").ShouldSatisfyAllConditions(
            verdict => verdict.Cause.ShouldBe("503"),
            verdict => verdict.Since.ShouldBe(down),
            verdict => verdict.NextStep.ShouldBe("next probe"),
            verdict => verdict.NextAt.ShouldBe(down + TimeSpan.FromSeconds(5).Ticks));

        pool.Advance(5);
        pool.VerdictOf("b0").NextAt.ShouldBe(down + TimeSpan.FromSeconds(10).Ticks);

        pool.Probe.Fail("b0", "refused");
        pool.Advance(5);
        pool.VerdictOf("b0").ShouldSatisfyAllConditions(
            verdict => verdict.Cause.ShouldBe("refused"),
            verdict => verdict.Since.ShouldBe(down),
            verdict => verdict.NextAt.ShouldBe(down + TimeSpan.FromSeconds(15).Ticks));
    }

    [Fact]
    public void Log_DownAndUp_IsOneLineEach()
    {
        using ProbedPool pool = new(2);
        pool.Probe.Fail("b0");
        pool.Start();
        pool.Advance(60);
        pool.Probe.Heal("b0");
        pool.Advance(60);

        pool.Log.Availability().ShouldBe([
            "Warning: Service orders: backend b0: set probe_failed (503); it is now probe_failed.",
            "Information: Service orders: backend b0: cleared probe_failed; it is now eligible.",
        ]);
    }

    [Fact]
    public void Events_DownAndUp_AreRaised()
    {
        using ProbedPool pool = new(2);
        List<(string Id, Unavailability Flag, bool IsSet)> changes = [];
        pool.Balancer.AvailabilityChanged += (_, change) => changes.Add((change.Backend.Id, change.Flag, change.IsSet));
        pool.Probe.Fail("b0");
        pool.Start();
        pool.Advance(15);
        pool.Probe.Heal("b0");
        pool.Advance(15);

        changes.ShouldBe([("b0", Unavailability.ProbeFailed, true), ("b0", Unavailability.ProbeFailed, false)]);
    }

    /// <summary>A probe's verdict is one flag of several.</summary>
    [Fact]
    public void Probes_ThatSucceed_ClearNobodyElsesFlag()
    {
        using ProbedPool pool = new(1);
        pool.Probe.Fail("b0");
        pool.Start();
        pool.Advance(10);
        pool.Balancer.Isolate("b0");
        pool.Probe.Heal("b0");
        pool.Advance(10);

        pool["b0"].Unavailability.ShouldBe(Unavailability.Isolated);
    }

    private static int CountUntil(ProbedPool pool, bool isDown)
    {
        int count = 1;
        while (pool.IsDown("b0") != isDown)
        {
            pool.Advance(5);
            count++;
        }

        return count;
    }
}
