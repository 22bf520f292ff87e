using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Tests.Testing;

public sealed class FakeTimeProviderTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly List<string> _log = [];

    [Fact]
    public void Advance_WithoutTimers_MovesBothClocks()
    {
        DateTimeOffset start = _clock.GetUtcNow();
        long timestamp = _clock.GetTimestamp();

        _clock.Advance(TimeSpan.FromSeconds(3));

        (_clock.GetUtcNow() - start).ShouldBe(TimeSpan.FromSeconds(3));
        _clock.GetElapsedTime(timestamp).ShouldBe(TimeSpan.FromSeconds(3));
    }

    [Fact]
    public void Advance_Negative_Throws() =>
        Should.Throw<ArgumentOutOfRangeException>(() => _clock.Advance(TimeSpan.FromTicks(-1)));

    [Fact]
    public void SetUtcNow_StepBack_MovesTheWallClockOnly()
    {
        DateTimeOffset past = _clock.GetUtcNow().AddYears(-1);
        long timestamp = _clock.GetTimestamp();

        _clock.SetUtcNow(past);

        _clock.GetUtcNow().ShouldBe(past);
        _clock.GetTimestamp().ShouldBe(timestamp);
    }

    [Fact]
    public void Advance_SeveralTimers_FiresEachAtItsDueTimeInOrder()
    {
        Arm("c", due: 3);
        Arm("a", due: 1, period: 1.5);
        Arm("b", due: 1);

        _clock.Advance(TimeSpan.FromSeconds(4));

        _log.ShouldBe(["a 1", "b 1", "a 2.5", "c 3", "a 4"]);
    }

    [Fact]
    public void Advance_LessThanDueTime_FiresNothing()
    {
        Arm("a", due: 1);

        _clock.Advance(TimeSpan.FromSeconds(1) - TimeSpan.FromTicks(1));

        _log.ShouldBeEmpty();
        _clock.UntilNextTimer.ShouldBe(TimeSpan.FromTicks(1));
    }

    [Fact]
    public void Advance_CallbackArmsTimers_FiresThoseDueWithinTheWindow()
    {
        Arm("a", due: 1, then: () =>
        {
            Arm("in", due: 1);
            Arm("out", due: 2);
        });
        Arm("b", due: 2.5);

        _clock.Advance(TimeSpan.FromSeconds(2.9));

        _log.ShouldBe(["a 1", "in 2", "b 2.5"]);
        _clock.ActiveTimers.ShouldBe(1);
    }

    [Fact]
    public void Advance_CallbackChangesItsOwnTimer_FiresAgainWithinTheWindow()
    {
        ITimer timer = null!;
        timer = Arm("a", due: 1, then: () => timer.Change(TimeSpan.FromSeconds(2), Timeout.InfiniteTimeSpan));

        _clock.Advance(TimeSpan.FromSeconds(6));

        _log.ShouldBe(["a 1", "a 3", "a 5"]);
    }

    [Fact]
    public void Advance_CallbackDisposesAnotherDueTimer_DoesNotFireIt()
    {
        ITimer other = null!;
        Arm("a", due: 1, then: () => other.Dispose());
        other = Arm("b", due: 1);

        _clock.Advance(TimeSpan.FromSeconds(2));

        _log.ShouldBe(["a 1"]);
    }

    [Fact]
    public void Advance_FromCallback_NeverMovesTheClockBack()
    {
        DateTimeOffset start = _clock.GetUtcNow();
        Arm("a", due: 1, then: () => _clock.Advance(TimeSpan.FromSeconds(10)));

        _clock.Advance(TimeSpan.FromSeconds(2));

        (_clock.GetUtcNow() - start).ShouldBe(TimeSpan.FromSeconds(11));
    }

    [Fact]
    public void Advance_CallbackThrows_LeavesTheClockThere()
    {
        DateTimeOffset start = _clock.GetUtcNow();
        Arm("a", due: 1, then: () => throw new FormatException());

        Should.Throw<FormatException>(() => _clock.Advance(TimeSpan.FromSeconds(2)));

        (_clock.GetUtcNow() - start).ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Advance_FromManyThreads_AddsUp()
    {
        DateTimeOffset start = _clock.GetUtcNow();

        await Parallel.ForAsync(0, 100, (_, _) =>
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            return ValueTask.CompletedTask;
        });

        (_clock.GetUtcNow() - start).ShouldBe(TimeSpan.FromSeconds(100));
    }

    [Fact]
    public void CreateTimer_DueNow_FiresInTheNextAdvance()
    {
        Arm("a", due: 0);
        _log.ShouldBeEmpty();

        _clock.Advance(TimeSpan.Zero);

        _log.ShouldBe(["a 0"]);
    }

    [Fact]
    public void CreateTimer_Infinite_IsNotActiveUntilChanged()
    {
        using ITimer timer = _clock.CreateTimer(_ => _log.Add("fired"), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _clock.ActiveTimers.ShouldBe(0);

        timer.Change(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan).ShouldBeTrue();

        _clock.ActiveTimers.ShouldBe(1);
    }

    [Fact]
    public void CreateTimer_NegativeDueTime_Throws() =>
        Should.Throw<ArgumentOutOfRangeException>(
            () => _clock.CreateTimer(_ => { }, null, TimeSpan.FromSeconds(-1), Timeout.InfiniteTimeSpan));

    [Fact]
    public void CreateTimer_FlowSuppressed_RunsInNoContext()
    {
        var local = new AsyncLocal<string> { Value = "creator" };
        ITimer flowing = _clock.CreateTimer(_ => _log.Add(local.Value ?? "none"), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        ITimer suppressed;
        using (ExecutionContext.SuppressFlow())
        {
            suppressed = _clock.CreateTimer(_ => _log.Add(local.Value ?? "none"), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }

        local.Value = "advancer";
        _clock.Advance(TimeSpan.Zero);

        _log.ShouldBe(["creator", "none"]);
        flowing.Dispose();
        suppressed.Dispose();
    }

    [Fact]
    public void Change_AfterDispose_ReturnsFalse()
    {
        ITimer timer = Arm("a", due: 1);
        timer.Dispose();

        timer.Change(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan).ShouldBeFalse();

        _clock.ActiveTimers.ShouldBe(0);
    }

    [Fact]
    public void DisposeAsync_WhileTheCallbackRuns_CompletesAfterIt()
    {
        ITimer timer = null!;
        ValueTask disposed = default;
        timer = Arm("a", due: 1, then: () =>
        {
            disposed = timer.DisposeAsync();
            disposed.IsCompleted.ShouldBeFalse();
        });

        _clock.Advance(TimeSpan.FromSeconds(1));

        disposed.IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public async Task WaitForTimersAsync_TimerArmedOnAnotherThread_Completes()
    {
        Task<string> work = Task.Run(async () =>
        {
            await Task.Delay(TimeSpan.FromHours(1), _clock);
            return "done";
        });

        await _clock.WaitForTimersAsync(1);
        _clock.Advance(TimeSpan.FromHours(1));

        (await work).ShouldBe("done");
        _clock.ActiveTimers.ShouldBe(0);
    }

    [Fact]
    public async Task WaitForTimersAsync_FewerTimers_WaitsForTheRest()
    {
        Arm("a", due: 1);
        Task waiting = _clock.WaitForTimersAsync(2);
        waiting.IsCompleted.ShouldBeFalse();

        Arm("b", due: 1);

        await waiting;
    }

    [Fact]
    public void CancellationTokenSource_OnThisClock_CancelsInAdvance()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(1), _clock);

        _clock.Advance(TimeSpan.FromSeconds(1));

        timeout.IsCancellationRequested.ShouldBeTrue();
    }

    private ITimer Arm(string name, double due, double? period = null, Action? then = null)
    {
        DateTimeOffset epoch = new FakeTimeProvider().GetUtcNow();
        return _clock.CreateTimer(
            _ =>
            {
                _log.Add(FormattableString.Invariant($"{name} {(_clock.GetUtcNow() - epoch).TotalSeconds}"));
                then?.Invoke();
            },
            null,
            TimeSpan.FromSeconds(due),
            period is { } value ? TimeSpan.FromSeconds(value) : Timeout.InfiniteTimeSpan);
    }
}
