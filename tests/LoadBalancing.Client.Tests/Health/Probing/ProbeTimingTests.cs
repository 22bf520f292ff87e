using LoadBalancing.Client.Tests.Discovery;

namespace LoadBalancing.Client.Tests.Health.Probing;

/// <summary>When whom is asked.</summary>
public sealed class ProbeTimingTests
{
    [Fact]
    public void Start_ManyBackends_SpreadsTheFirstProbesOverOneInterval()
    {
        using ProbedPool pool = new(100);

        pool.Start();
        pool.Advance(4.999);

        TimeSpan[] times = [.. pool.Probe.Calls.Select(call => call.At)];
        times.ShouldBe([.. Enumerable.Range(0, 100).Select(index => TimeSpan.FromSeconds(0.1 * (index / 2)))]);
        pool.Probe.Calls.Select(call => call.Id).Distinct().Count().ShouldBe(100);
    }

    [Fact]
    public void Start_FewBackends_AreSpreadEvenly()
    {
        using ProbedPool pool = new(4);

        pool.Start();
        pool.Advance(4.999);

        pool.Probe.Calls.Select(call => call.At.TotalSeconds).ShouldBe([0, 1.25, 2.5, 3.75]);
    }

    /// <summary>The timer wakes for each step of an interval, not for each backend; and nothing comes in a burst.</summary>
    [Fact]
    public void Steps_OfManyBackends_ShareTheTimerAndStaySpread()
    {
        using ProbedPool pool = new(1000, options => options.Jitter = 0.1);

        pool.Start();
        pool.Advance(500);

        IGrouping<TimeSpan, (string Id, TimeSpan At)>[] wakeUps = [.. pool.Probe.Calls.GroupBy(call => call.At)];
        wakeUps.Length.ShouldBeInRange(4_900, 5_001);

        // 20 on average, Poisson: 4σ above is 38, and 6σ 47, which none of 5,000 reaches.
        wakeUps.Max(calls => calls.Count()).ShouldBeLessThan(47);
        pool.Probe.Calls.Count.ShouldBeInRange(99_000, 101_000);
    }

    [Fact]
    public void Start_SeveralClients_DoNotBeginWithTheSameBackend()
    {
        HashSet<string> firsts = [];
        for (int seed = 0; seed < 20; seed++)
        {
            using ProbedPool pool = new(10, build: builder => builder.UseRandom(new Random(seed)));
            pool.Start();
            firsts.Add(pool.Probe.Calls.ShouldHaveSingleItem().Id);
        }

        firsts.Count.ShouldBeGreaterThan(3);
    }

    [Fact]
    public void NotStarted_AsksNobody()
    {
        using ProbedPool pool = new(3);

        pool.Advance(60);

        pool.Probe.Calls.ShouldBeEmpty();
        pool.Clock.ActiveTimers.ShouldBe(0);
    }

    [Fact]
    public void NotEnabled_ArmsNoTimer()
    {
        using ProbedPool pool = new(3, options => options.Enabled = false);

        pool.Start();
        pool.Advance(60);

        pool.Probe.Calls.ShouldBeEmpty();
        pool.Clock.ActiveTimers.ShouldBe(0);
    }

    [Fact]
    public void Interval_WithJitter_IsWithinItsBoundsAndUsesThem()
    {
        using ProbedPool pool = new(1, options => options.Jitter = 0.1);

        pool.Start();
        pool.Advance(5000);

        IReadOnlyList<TimeSpan> times = pool.Probe.CallsOf("b0");
        double[] intervals = [.. times.Zip(times.Skip(1), (a, b) => (b - a).TotalSeconds)];
        intervals.Length.ShouldBeInRange(985, 1015);
        intervals.Min().ShouldBe(4.5);
        intervals.Max().ShouldBe(5.5);

        // Uniform over ± 0.5 s: σ = 0.289 s, so the mean of 1,000 is within 4σ/√1000.
        intervals.Average().ShouldBe(5, 0.037);
    }

    [Fact]
    public async Task Interval_OfASlowProbe_RunsFromBeginningToBeginning()
    {
        using ProbedPool pool = new(1, options => options.UnhealthyThreshold = 1);
        pool.Probe.Answer("b0", async token =>
        {
            await Task.Delay(TimeSpan.FromSeconds(1.5), pool.Clock, token);
            return ProbeResult.Unhealthy("503");
        });

        pool.Start();
        pool.Advance(1.5);
        await Wait.UntilAsync(() => pool.IsDown("b0"));
        pool.Advance(3.5);

        pool.Probe.CallsOf("b0").ShouldBe([TimeSpan.Zero, TimeSpan.FromSeconds(5)]);
    }

    [Fact]
    public void Timeout_OfAProbeThatHangs_IsAFailure()
    {
        using ProbedPool pool = new(1, options => options.UnhealthyThreshold = 1);
        CancellationToken seen = default;
        TaskCompletionSource canceled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        pool.Probe.Answer("b0", async token =>
        {
            seen = token;
            using CancellationTokenRegistration registration = token.Register(() => canceled.TrySetResult());
            await canceled.Task;
            throw new OperationCanceledException(token);
        });

        pool.Start();
        pool.Advance(1.999);
        pool.IsDown("b0").ShouldBeFalse();
        seen.IsCancellationRequested.ShouldBeFalse();

        pool.Advance(0.001);
        pool.IsDown("b0").ShouldBeTrue();
        seen.IsCancellationRequested.ShouldBeTrue();
        pool.VerdictOf("b0").Cause.ShouldBe("timeout");
    }

    [Fact]
    public void Timeout_OfAProbeThatIgnoresItsToken_CountsAtEveryIntervalAndNothingOverlaps()
    {
        using ProbedPool pool = new(1);
        TaskCompletionSource<ProbeResult> never = new();
        pool.Probe.Answer("b0", _ => new ValueTask<ProbeResult>(never.Task));

        pool.Start();
        pool.Advance(9.9);
        pool.IsDown("b0").ShouldBeFalse();
        pool.Advance(0.1);
        pool.IsDown("b0").ShouldBeTrue();

        pool.Advance(60);
        pool.Probe.CallsOf("b0").ShouldHaveSingleItem();
        pool.Probe.MostRunning.ShouldBe(1);
    }

    [Fact]
    public async Task Timeout_ThenALateSuccess_DoesNotCountButProbesGoOn()
    {
        using ProbedPool pool = new(1, options => (options.UnhealthyThreshold, options.HealthyThreshold) = (1, 1));
        TaskCompletionSource<ProbeResult> late = new(TaskCreationOptions.RunContinuationsAsynchronously);
        pool.Probe.Answer("b0", _ => new ValueTask<ProbeResult>(late.Task));
        pool.Start();
        pool.Advance(2);

        late.SetResult(ProbeResult.Healthy);
        await Wait.UntilAsync(() => pool.Probe.Running == 0);
        pool.IsDown("b0").ShouldBeTrue();

        pool.Probe.Heal("b0");
        await Wait.UntilAsync(() =>
        {
            pool.Advance(5);
            return !pool.IsDown("b0");
        });
        pool.Probe.MostRunning.ShouldBe(1);
    }

    [Fact]
    public async Task Concurrency_MoreAreDueThanMayRun_WaitForTheirTurn()
    {
        using ProbedPool pool = new(200, options => (options.MaxConcurrent, options.Timeout) = (64, TimeSpan.FromSeconds(5)));
        TaskCompletionSource<ProbeResult> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        pool.Probe.Default = _ => new ValueTask<ProbeResult>(answer.Task);

        pool.Start();
        pool.Advance(4.99);
        pool.Probe.Calls.Count.ShouldBe(64);

        answer.SetResult(ProbeResult.Healthy);
        await Wait.UntilAsync(() => pool.Probe.Calls.Count == 200 && pool.Probe.Running == 0);
        pool.Probe.MostRunning.ShouldBe(64);
    }

    [Fact]
    public void Concurrency_AllHang_TheOthersGetTheirTurnAfterTheTimeout()
    {
        using ProbedPool pool = new(10, options => options.MaxConcurrent = 2);
        TaskCompletionSource<ProbeResult> never = new();
        pool.Probe.Default = _ => new ValueTask<ProbeResult>(never.Task);

        pool.Start();
        pool.Advance(60);

        pool.Probe.Calls.Select(call => call.Id).Distinct().Count().ShouldBe(10);
        pool.Balancer.Backends.ShouldAllBe(backend => backend.Unavailability == Unavailability.ProbeFailed);
    }

    /// <summary>Those that wait and then end at once must not be run one inside the other.</summary>
    [Fact]
    public async Task Concurrency_ThousandsWait_IsNoRecursion()
    {
        using ProbedPool pool = new(20_000, options => (options.MaxConcurrent, options.Timeout) = (1, TimeSpan.FromSeconds(5)));
        TaskCompletionSource<ProbeResult> first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int calls = 0;
        pool.Probe.Default = _ => Interlocked.Increment(ref calls) == 1 ? new ValueTask<ProbeResult>(first.Task) : ValueTask.FromResult(ProbeResult.Healthy);
        pool.Start();
        pool.Advance(4.9999);

        first.SetResult(ProbeResult.Healthy);

        await Wait.UntilAsync(() => Volatile.Read(ref calls) == 20_000);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Exceptions_OfAProbe_AreFailuresAndAreLoggedOnce(bool isAsync)
    {
        using ProbedPool pool = new(2);
        pool.Probe.Answer("b0", _ => isAsync ? ValueTask.FromException<ProbeResult>(new InvalidOperationException("no")) : throw new InvalidOperationException("no"));

        pool.Start();
        pool.Advance(100);

        pool.IsDown("b0").ShouldBeTrue();
        pool.IsDown("b1").ShouldBeFalse();
        pool.VerdictOf("b0").Cause.ShouldBe("threw InvalidOperationException");
        pool.Log.Availability().ShouldHaveSingleItem();
        pool.Log.Of("ProbeFailureDetail").ShouldHaveSingleItem();
        pool.Probe.CallsOf("b0").Count.ShouldBeInRange(19, 21);
    }
}
