using LoadBalancing.Client.Tests.Discovery;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Health.Probing;

/// <summary>Pools that are not trusted before they were asked.</summary>
public sealed class FirstRoundTests
{
    [Fact]
    public void NewBackend_NotTrusted_WaitsForItsFirstSuccess()
    {
        using ProbedPool pool = new(2, Distrust);
        pool.Probe.Answer("b0", _ => new ValueTask<ProbeResult>(new TaskCompletionSource<ProbeResult>().Task));
        pool.Probe.Answer("b1", _ => new ValueTask<ProbeResult>(new TaskCompletionSource<ProbeResult>().Task));

        pool.Start();

        pool.IsDown("b0").ShouldBeTrue();
        pool.VerdictOf("b0").Cause.ShouldBe("waits for its first success");
        pool.VerdictOf("b0").NextStep.ShouldBe("next probe");
        pool.Balancer.TryPick(default, out _).ShouldBeFalse();
        pool.Log.Availability().ShouldBeEmpty();
        pool.Log.Of("NothingEligible").ShouldBeEmpty();
    }

    [Fact]
    public void NewBackend_NotTrusted_IsUpAfterOneSuccess()
    {
        using ProbedPool pool = new(1, Distrust);
        pool.Probe.Fail("b0");
        pool.Start();
        pool.Advance(20);
        pool.IsDown("b0").ShouldBeTrue();

        pool.Probe.Heal("b0");
        pool.Advance(5);

        pool.IsDown("b0").ShouldBeFalse();
        pool.Log.Availability().ShouldBe([
            "Warning: Service orders: backend b0: set probe_failed (503); it is now probe_failed.",
            "Information: Service orders: backend b0: cleared probe_failed; it is now eligible.",
        ]);
    }

    [Fact]
    public void NewBackend_OnceUp_NeedsThreeFailuresAndTwoSuccesses()
    {
        using ProbedPool pool = new(1, Distrust);
        pool.Start();
        pool.Probe.Fail("b0");
        pool.Advance(10);
        pool.IsDown("b0").ShouldBeFalse();
        pool.Advance(5);
        pool.IsDown("b0").ShouldBeTrue();
        pool.Probe.Heal("b0");
        pool.Advance(5);
        pool.IsDown("b0").ShouldBeTrue();
        pool.Advance(5);
        pool.IsDown("b0").ShouldBeFalse();
    }

    [Fact]
    public async Task PickAsync_BeforeTheFirstSuccess_WaitsForIt()
    {
        using ProbedPool pool = new(2, Distrust);
        TaskCompletionSource<ProbeResult> slow = new(TaskCreationOptions.RunContinuationsAsynchronously);
        pool.Probe.Default = _ => new ValueTask<ProbeResult>(slow.Task);
        Task<BackendLease> pick = pool.Balancer.PickAsync(default).AsTask();
        pool.Advance(0);
        pick.IsCompleted.ShouldBeFalse();

        slow.SetResult(ProbeResult.Healthy);

        BackendLease lease = await pick.Soon();
        lease.Reasons.ShouldBe(PickReasons.None);
        lease.Complete(Outcome.Succeeded);
    }

    [Fact]
    public async Task PickAsync_AllFailTheFirstRound_FailsOpenWhenItIsOver()
    {
        using ProbedPool pool = new(4, Distrust);
        pool.Probe.Default = _ => ValueTask.FromResult(ProbeResult.Unhealthy("refused"));
        Task<BackendLease> pick = pool.Balancer.PickAsync(default).AsTask();

        // The fourth of four is asked after three quarters of the interval.
        pool.Advance(3.7);
        pool.Balancer.TryPick(default, out _).ShouldBeFalse();
        pick.IsCompleted.ShouldBeFalse();
        pool.Advance(0.1);

        (await pick.Soon()).Reasons.ShouldBe(PickReasons.FailOpen);
        pool.Balancer.TryPick(default, out _).ShouldBeTrue();
    }

    [Fact]
    public async Task PickAsync_NoAnswerInTime_SaysWhatEachBackendWaitsFor()
    {
        using ProbedPool pool = new(2, options => (options.InitiallyHealthy, options.Interval, options.Timeout) = (false, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(20)));
        pool.Probe.Default = _ => new ValueTask<ProbeResult>(new TaskCompletionSource<ProbeResult>().Task);
        Task<BackendLease> pick = pool.Balancer.PickAsync(default).AsTask();
        pool.Advance(4.9);
        pick.IsCompleted.ShouldBeFalse();

        pool.Advance(0.1);

        NoBackendAvailableException exception = await Should.ThrowAsync<NoBackendAvailableException>(() => pick.Soon());
        exception.Message.ShouldContain("probe_failed");
    }

    [Fact]
    public async Task PickAsync_WithFailClosed_StillWaits()
    {
        using ProbedPool pool = new(1, Distrust, builder => builder.Configure(options => options.FailClosed = true));
        Task<BackendLease> pick = pool.Balancer.PickAsync(default).AsTask();
        pick.IsCompleted.ShouldBeFalse();

        pool.Advance(0);

        (await pick.Soon()).Complete(Outcome.Succeeded);
    }

    [Fact]
    public async Task FirstRound_BackendsOfASource_AreAwaited()
    {
        ManualSource source = new();
        using ProbedPool pool = new(0, Distrust, source: source);
        Task<BackendLease> pick = pool.Balancer.PickAsync(default).AsTask();
        await source.PublishAsync(Pools.Describe(0)).Soon();
        await Wait.UntilAsync(() => pool.Balancer.Backends.Count == 1);
        pool.Balancer.TryPick(default, out _).ShouldBeFalse();

        pool.Advance(0);

        (await pick.Soon()).Complete(Outcome.Succeeded);
    }

    /// <summary>Nothing is known of the new ones when the whole first list is replaced.</summary>
    [Fact]
    public async Task FirstRound_ListIsReplaced_BeginsAnew()
    {
        ManualSource source = new();
        using ProbedPool pool = new(0, Distrust, source: source);
        pool.Probe.Default = _ => new ValueTask<ProbeResult>(new TaskCompletionSource<ProbeResult>().Task);
        pool.Start();
        await source.PublishAsync(Pools.Describe(0)).Soon();
        await Wait.UntilAsync(() => pool.Balancer.Backends.Count == 1);
        await source.PublishAsync(Pools.Describe(1)).Soon();
        await Wait.UntilAsync(() => pool.Balancer.Backends[0].Id == "b1");

        pool.Balancer.TryPick(default, out _).ShouldBeFalse();
    }

    [Fact]
    public async Task FirstRound_IsOver_ABackendThatJoinsLaterWaitsAlone()
    {
        ManualSource source = new();
        using ProbedPool pool = new(0, Distrust, source: source);
        pool.Start();
        await source.PublishAsync(Pools.Describe(0)).Soon();
        await Wait.UntilAsync(() => pool.Balancer.Backends.Count == 1);
        pool.Advance(0);
        pool.Probe.Fail("b1");
        await source.PublishAsync(Pools.Describe(0), Pools.Describe(1)).Soon();
        await Wait.UntilAsync(() => pool.Balancer.Backends.Count == 2);
        pool.Advance(20);

        pool.IsDown("b1").ShouldBeTrue();
        for (int i = 0; i < 4; i++)
        {
            pool.Balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
            lease.Backend.Id.ShouldBe("b0");
        }
    }

    [Fact]
    public async Task Dispose_WhileAPickWaits_EndsTheWait()
    {
        using ProbedPool pool = new(1, Distrust);
        Task<BackendLease> pick = pool.Balancer.PickAsync(default).AsTask();

        pool.Balancer.Dispose();

        await Should.ThrowAsync<ObjectDisposedException>(() => pick.Soon());
    }

    private static void Distrust(ActiveHealthCheckOptions options) => options.InitiallyHealthy = false;
}
