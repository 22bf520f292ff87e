namespace LoadBalancing.Client.Timing;

/// <summary>
/// All that one balancer has to do later, on one timer: what is due first is on top of a heap. Nothing can be taken out of it; what is no longer wanted sees that for itself when its time comes. Thread safe.
/// </summary>
internal sealed class Schedule : IDisposable
{
    /// <summary>Farther ahead than this, the timer looks in between: timers do not reach that far.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    /// <summary>Timers count whole milliseconds, and drop the rest: asked for less than one, they would fire at once, again and again, until the time has come.</summary>
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);

    private readonly Lock _gate = new();
    private readonly PriorityQueue<IScheduled, (long Due, long Sequence)> _items = new();
    private readonly TimeProvider _timeProvider;
    private readonly Action<Exception, string> _onFailure;
    private ITimer? _timer;
    private long _armedFor = long.MaxValue;
    private long _lastSequence;
    private bool _isDisposed;

    /// <param name="timeProvider">The clock.</param>
    /// <param name="onFailure">Hears of what an item threw, and which kind of item it was.</param>
    public Schedule(TimeProvider timeProvider, Action<Exception, string> onFailure)
    {
        _timeProvider = timeProvider;
        _onFailure = onFailure;
    }

    /// <summary>Runs the item once, after the delay; at once (but not on this thread's stack) if that is not above 0.</summary>
    /// <returns>The timestamp at which it is due.</returns>
    public long Add(IScheduled item, TimeSpan delay)
    {
        long due = _timeProvider.GetTimestamp() + (long)(delay.TotalSeconds * _timeProvider.TimestampFrequency);
        AddAt(item, due);
        return due;
    }

    /// <summary>Runs the item once, at the timestamp. Those due at the same time run in the order in which they were added.</summary>
    public void AddAt(IScheduled item, long due)
    {
        lock (_gate)
        {
            if (!_isDisposed)
            {
                _items.Enqueue(item, (due, ++_lastSequence));
                Arm();
            }
        }
    }

    /// <summary>Nothing runs any more, but for what is running now.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _items.Clear();
            _timer?.Dispose();
        }
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            _armedFor = long.MaxValue;
        }

        while (TakeDue() is { } item)
        {
            try
            {
                item.Run();
            }
#pragma warning disable CA1031 // One item must not keep the others from running, nor end the process.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Report(exception, item);
            }
        }
    }

    private void Report(Exception exception, IScheduled item)
    {
        try
        {
            _onFailure(exception, item.GetType().Name);
        }
#pragma warning disable CA1031 // A log that throws must not end the process: this is a timer's thread.
        catch (Exception)
#pragma warning restore CA1031
        {
            // There is nobody left to tell.
        }
    }

    private IScheduled? TakeDue()
    {
        lock (_gate)
        {
            if (_items.TryPeek(out IScheduled? item, out (long Due, long Sequence) priority) && priority.Due <= _timeProvider.GetTimestamp())
            {
                return _items.Dequeue();
            }

            Arm();
            return null;
        }
    }

    /// <summary>Sets the timer for the first item, unless it is set for that or for an earlier one. The caller holds the lock.</summary>
    private void Arm()
    {
        if (_isDisposed || !_items.TryPeek(out _, out (long Due, long Sequence) first) || first.Due >= _armedFor)
        {
            return;
        }

        _armedFor = first.Due;
        TimeSpan wait = _timeProvider.GetElapsedTime(_timeProvider.GetTimestamp(), first.Due);
        wait = wait <= TimeSpan.Zero ? TimeSpan.Zero : wait < ShortestWait ? ShortestWait : wait > LongestWait ? LongestWait : wait;
        if (_timer is not null)
        {
            _timer.Change(wait, Timeout.InfiniteTimeSpan);
            return;
        }

        // A request may be what starts this: its ExecutionContext must not live on in the timer.
        using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
        {
            _timer = _timeProvider.CreateTimer(static schedule => ((Schedule)schedule!).OnTimer(), this, wait, Timeout.InfiniteTimeSpan);
        }
    }
}
