namespace LoadBalancing.Client.Simulation.Time;

/// <summary>
/// The time of a simulation: it stands still while something happens, and then leaps to what is next. Balancers see it as their <see cref="TimeProvider"/>; their timers are events among the others. One thread only.
/// </summary>
internal sealed class VirtualClock : TimeProvider
{
    /// <summary>Time of an ordinary machine that has been up for a while: 0 must mean nothing special.</summary>
    private const long UpTime = TimeSpan.TicksPerDay;

    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly EventQueue _events = new();

    /// <summary>Seconds since the simulation began.</summary>
    public double Now { get; private set; }

    /// <summary>Whether anything but balancers' timers is still to happen.</summary>
    public bool HasWork => _events.Work > 0;

    /// <summary>Timestamps count the ticks of a <see cref="TimeSpan"/>: the time until a timestamp is a time that a timer can wait, so that a timer is never early, which would make it wait again for no time, for ever.</summary>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    private long Ticks => (long)Math.Round(Now * TimeSpan.TicksPerSecond);

    public override long GetTimestamp() => UpTime + Ticks;

    public override DateTimeOffset GetUtcNow() => Start.AddTicks(Ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        VirtualTimer timer = new(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Lets something happen at a time, which is not before now.</summary>
    public void Schedule(double time, IEvent target, int tag = 0) => _events.Add(Math.Max(time, Now), target, tag, isWork: true);

    /// <summary>The same for what alone keeps no simulation going: timers and probes.</summary>
    public void ScheduleAside(double time, IEvent target, int tag = 0) => _events.Add(Math.Max(time, Now), target, tag, isWork: false);

    /// <summary>The time at which a timer fires that is set now.</summary>
    public double TimeAfter(TimeSpan delay) => (Ticks + delay.Ticks) / (double)TimeSpan.TicksPerSecond;

    /// <summary>Goes to the next event, and lets it happen. There must be one.</summary>
    public void RunNext()
    {
        ScheduledEvent next = _events.Take();
        Now = next.Time;
        next.Target.Run(next.Tag);
    }
}
