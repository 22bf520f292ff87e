namespace LoadBalancing.Client.Testing;

/// <summary>
/// A clock that stands still until a test moves it. Timers fire inside <see cref="Advance"/>, on the calling thread, in
/// the order in which they are due. Thread safe.
/// </summary>
public sealed class FakeTimeProvider : TimeProvider
{
    // A wait that takes this long (of real time) is a test that hangs.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // Two locks. _advancing makes concurrent calls of Advance add up; it is held while callbacks run, and it is recursive,
    // so a callback may advance the clock itself. _sync guards the fields and is never held while foreign code runs.
    private readonly Lock _advancing = new();
    private readonly Lock _sync = new();
    private readonly SortedSet<FakeTimer> _armed = new(FakeTimer.DueOrder);
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiters = [];
    private DateTimeOffset _utcNow;
    private long _timestamp = TimeSpan.TicksPerDay;
    private long _lastSequence;

    /// <summary>Makes a clock that shows 2026-01-01 00:00 UTC, on a machine that has been up for a day.</summary>
    public FakeTimeProvider()
        : this(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    /// <summary>Makes a clock that shows <paramref name="start"/>.</summary>
    public FakeTimeProvider(DateTimeOffset start) => _utcNow = start.ToUniversalTime();

    /// <summary>Timestamps count ticks of 100 ns, so that a timestamp difference is a <see cref="TimeSpan"/>'s ticks.</summary>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>UTC, whatever the machine's zone is.</summary>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>The number of armed timers: those that will fire if the clock goes far enough. 0 when nothing leaks.</summary>
    public int ActiveTimers
    {
        get
        {
            lock (_sync)
            {
                return _armed.Count;
            }
        }
    }

    /// <summary>The time until the next timer is due, or null when none is armed.</summary>
    public TimeSpan? UntilNextTimer
    {
        get
        {
            lock (_sync)
            {
                return _armed.Min is { } next ? TimeSpan.FromTicks(next.DueAt - _timestamp) : null;
            }
        }
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_sync)
        {
            return _utcNow;
        }
    }

    /// <inheritdoc/>
    public override long GetTimestamp()
    {
        lock (_sync)
        {
            return _timestamp;
        }
    }

    /// <summary>
    /// Steps the wall clock alone, forward or back, as an NTP correction does. Timestamps and timers run on the monotonic
    /// clock and do not notice.
    /// </summary>
    public void SetUtcNow(DateTimeOffset value)
    {
        lock (_sync)
        {
            _utcNow = value.ToUniversalTime();
        }
    }

    /// <summary>
    /// Moves the clock forward and fires every timer that becomes due, each with the clock at its due time. A timer that
    /// a callback arms fires too if it is due within <paramref name="delta"/>. <see cref="TimeSpan.Zero"/> fires what is
    /// due now. An exception of a callback leaves the clock at that timer's due time.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="delta"/> is negative.</exception>
    public void Advance(TimeSpan delta)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delta, TimeSpan.Zero);
        lock (_advancing)
        {
            long target = GetTimestamp() + delta.Ticks;
            while (TakeDue(target) is { } timer)
            {
                timer.Fire();
            }
        }
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new FakeTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>
    /// Completes when at least <paramref name="count"/> timers are armed, so that code which arms a timer on another
    /// thread cannot lose a race against <see cref="Advance"/>.
    /// </summary>
    /// <exception cref="TimeoutException">It did not happen within 30 seconds of real time.</exception>
    public async Task WaitForTimersAsync(int count, CancellationToken cancellationToken = default)
    {
        // Continuations run elsewhere: the code under test may hold a lock while it arms its timer.
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_sync)
        {
            if (_armed.Count >= count)
            {
                return;
            }

            _waiters.Add((count, reached));
        }

        try
        {
            await reached.Task.WaitAsync(Patience, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException hang)
        {
            throw new TimeoutException($"Waited for {count} armed timers; there are {ActiveTimers}.", hang);
        }
    }

    /// <summary>Arms, re-arms or (with a null <paramref name="dueIn"/>) disarms a timer.</summary>
    internal void Schedule(FakeTimer timer, TimeSpan? dueIn)
    {
        lock (_sync)
        {
            // The due time is the set's key: it may change only outside of the set.
            _armed.Remove(timer);
            if (dueIn is not { } delay)
            {
                return;
            }

            timer.DueAt = _timestamp + delay.Ticks;
            timer.Sequence = ++_lastSequence;
            _armed.Add(timer);
            foreach ((int count, TaskCompletionSource reached) in _waiters)
            {
                if (_armed.Count >= count)
                {
                    reached.TrySetResult();
                }
            }

            _waiters.RemoveAll(waiter => waiter.Reached.Task.IsCompleted);
        }
    }

    /// <summary>
    /// Takes the next timer that is due by <paramref name="target"/> and sets the clock to its due time, or to the target
    /// when there is none. A periodic timer goes back at once, as a period runs from due time to due time.
    /// </summary>
    private FakeTimer? TakeDue(long target)
    {
        lock (_sync)
        {
            FakeTimer? timer = _armed.Min;
            if (timer is null || timer.DueAt > target)
            {
                MoveTo(target);
                return null;
            }

            MoveTo(timer.DueAt);
            _armed.Remove(timer);
            if (timer.Period is { } period)
            {
                timer.DueAt += period.Ticks;
                timer.Sequence = ++_lastSequence;
                _armed.Add(timer);
            }

            return timer;
        }
    }

    // Never back: a callback may have advanced the clock beyond the target of the Advance that runs it.
    private void MoveTo(long timestamp)
    {
        if (timestamp > _timestamp)
        {
            _utcNow = _utcNow.AddTicks(timestamp - _timestamp);
            _timestamp = timestamp;
        }
    }
}
