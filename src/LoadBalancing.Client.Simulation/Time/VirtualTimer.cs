namespace LoadBalancing.Client.Simulation.Time;

/// <summary>A timer on the virtual clock. Unlike a real one it is never late.</summary>
internal sealed class VirtualTimer(VirtualClock clock, TimerCallback callback, object? state) : ITimer, IEvent
{
    private TimeSpan? _period;
    private int _changes;
    private bool _isDisposed;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        _changes++;
        if (_isDisposed)
        {
            return false;
        }

        _period = period > TimeSpan.Zero ? period : null;
        if (dueTime != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, TimeSpan.Zero);
            clock.ScheduleAside(clock.TimeAfter(dueTime), this, _changes);
        }

        return true;
    }

    public void Run(int tag)
    {
        if (tag != _changes)
        {
            return;
        }

        if (_period is { } period)
        {
            clock.ScheduleAside(clock.TimeAfter(period), this, _changes);
        }

        callback(state);
    }

    public void Dispose()
    {
        _isDisposed = true;
        _changes++;
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
