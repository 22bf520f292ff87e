namespace LoadBalancing.Client.Timing;

/// <summary>
/// The number of the current slice of time, for those who only need to know the slice: reading it costs a memory access where reading a clock costs as much as the rest of an attempt. A timer moves it on,
/// as long as somebody uses it; when a whole slice has passed in which nobody did, it falls asleep, and whoever needs it next wakes it.
/// </summary>
internal sealed class CoarseClock(TimeProvider timeProvider, Schedule schedule, TimeSpan slice) : IScheduled
{
    /// <summary>What <see cref="Current"/> shows while it sleeps: no slice has this number.</summary>
    public const int Asleep = -1;

    private readonly Lock _gate = new();
    private readonly long _origin = timeProvider.GetTimestamp();
    private int _current = Asleep;
    private int _isUsed;

    /// <summary>The slice, or <see cref="Asleep"/>. May be behind by as much as the timer is late.</summary>
    public int Current => Volatile.Read(ref _current);

    /// <summary>Tells that the clock is in use, and wakes it if it sleeps. Called when <see cref="Current"/> is not what it was when the caller looked last.</summary>
    /// <returns>The slice.</returns>
    public int Use()
    {
        Volatile.Write(ref _isUsed, 1);
        int current = Current;
        return current != Asleep ? current : Wake();
    }

    /// <summary>The next slice begins.</summary>
    public void Run()
    {
        lock (_gate)
        {
            if (Interlocked.Exchange(ref _isUsed, 0) == 0)
            {
                Volatile.Write(ref _current, Asleep);
                return;
            }

            Tick();
        }
    }

    private int Wake()
    {
        lock (_gate)
        {
            return _current != Asleep ? _current : Tick();
        }
    }

    private int Tick()
    {
        // From the clock and not by counting: a timer that comes late must not make time go slower.
        long length = Math.Max(1, (long)(slice.TotalSeconds * timeProvider.TimestampFrequency));
        int current = (int)((timeProvider.GetTimestamp() - _origin) / length);
        Volatile.Write(ref _current, current);
        schedule.AddAt(this, _origin + ((current + 1L) * length));
        return current;
    }
}
