namespace LoadBalancing.Client.Testing;

/// <summary>A timer of a <see cref="FakeTimeProvider"/>, with the semantics of <see cref="System.Threading.Timer"/>.</summary>
internal sealed class FakeTimer : ITimer
{
    /// <summary>By due time; those due at the same time, in the order in which they were armed.</summary>
    public static readonly IComparer<FakeTimer> DueOrder = Comparer<FakeTimer>.Create(
        static (a, b) => (a.DueAt, a.Sequence).CompareTo((b.DueAt, b.Sequence)));

    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(uint.MaxValue - 1);
    private static readonly ExecutionContext EmptyContext = CaptureEmptyContext();

    private readonly FakeTimeProvider _clock;
    private readonly TimerCallback _callback;
    private readonly object? _state;
    private readonly ExecutionContext _context;
    private readonly Lock _sync = new();
    private int _running;
    private bool _disposed;
    private TaskCompletionSource? _idle;

    public FakeTimer(FakeTimeProvider clock, TimerCallback callback, object? state)
    {
        _clock = clock;
        _callback = callback;
        _state = state;

        // Like a real timer, it runs in the creator's context; in none (not in that of Advance) if flow was suppressed.
        _context = ExecutionContext.Capture() ?? EmptyContext;
    }

    /// <summary>The timestamp at which it fires. Belongs to the clock, under its lock, as do the next two.</summary>
    public long DueAt { get; set; }

    /// <summary>Grows with every arming.</summary>
    public long Sequence { get; set; }

    /// <summary>Null for a timer that fires once.</summary>
    public TimeSpan? Period { get; private set; }

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        ThrowIfInvalid(dueTime, nameof(dueTime));
        ThrowIfInvalid(period, nameof(period));
        lock (_sync)
        {
            if (_disposed)
            {
                return false;
            }

            _clock.Schedule(this, null);
            Period = period > TimeSpan.Zero ? period : null;
            _clock.Schedule(this, dueTime == Timeout.InfiniteTimeSpan ? null : dueTime);
            return true;
        }
    }

    /// <summary>Runs the callback on this thread.</summary>
    public void Fire()
    {
        lock (_sync)
        {
            if (_disposed)
            {
                return;
            }

            _running++;
        }

        try
        {
            ExecutionContext.Run(_context, static timer => ((FakeTimer)timer!).Invoke(), this);
        }
        finally
        {
            lock (_sync)
            {
                if (--_running == 0)
                {
                    _idle?.TrySetResult();
                }
            }
        }
    }

    public void Dispose()
    {
        lock (_sync)
        {
            _disposed = true;
            _clock.Schedule(this, null);
        }
    }

    /// <summary>Completes when no callback runs any more; a callback must not block on it.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        lock (_sync)
        {
            if (_running == 0)
            {
                return ValueTask.CompletedTask;
            }

            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(_idle.Task);
        }
    }

    private static void ThrowIfInvalid(TimeSpan value, string name)
    {
        if (value != Timeout.InfiniteTimeSpan && (value < TimeSpan.Zero || value > Longest))
        {
            throw new ArgumentOutOfRangeException(name, value, $"Allowed: 0 to {Longest}, or Timeout.InfiniteTimeSpan.");
        }
    }

    private static ExecutionContext CaptureEmptyContext()
    {
        ExecutionContext? context = null;
        var thread = new Thread(() => context = ExecutionContext.Capture());
        thread.UnsafeStart();
        thread.Join();
        return context!;
    }

    private void Invoke() => _callback(_state);
}
