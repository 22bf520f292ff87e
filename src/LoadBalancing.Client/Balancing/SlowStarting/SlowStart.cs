using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Timing;

namespace LoadBalancing.Client.Balancing.SlowStarting;

/// <summary>
/// Lowers the weight of backends that have become eligible not long ago. Guarded by the writers' lock, but for <see cref="TimeLeft"/>.
/// </summary>
/// <remarks>
/// Within a tier, ramps are relative to the backend that is farthest. When everything went down and comes back, one backend after the other, nobody is there to take the traffic meanwhile: those that come
/// together have equal weights, and the first of them is not overrun because the others begin with a tenth.
/// </remarks>
internal sealed class SlowStart(TimeProvider timeProvider, Schedule schedule, Action refresh) : IScheduled
{
    private static readonly TimeSpan RefreshPeriod = TimeSpan.FromSeconds(1);

    private static readonly BackendSlot<Ramp> Slot = new();

    private SlowStartOptions _options = new();

    /// <summary>Numbers the looks: who was eligible at the last one has its number.</summary>
    private long _look;
    private bool _isStartUp = true;
    private int _isScheduled;

    public SlowStartOptions Options => _options;

    /// <summary>How long a backend that is in its slow start stays in it.</summary>
    public static TimeSpan TimeLeft(BackendState backend, TimeProvider timeProvider)
    {
        TimeSpan left = Slot.Get(backend) is { } ramp ? timeProvider.GetElapsedTime(timeProvider.GetTimestamp(), Volatile.Read(ref ramp.Ends)) : TimeSpan.Zero;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>Puts other options in force. When slow start is turned on, those that are eligible by then have their whole weight.</summary>
    public void Configure(SlowStartOptions options)
    {
        _isStartUp |= !_options.Enabled;
        _options = options with { };
    }

    /// <summary>Looks who has become eligible since the last look, and lowers the weights of those who have not been for long.</summary>
    public void Apply(Census listed)
    {
        if (!_options.Enabled)
        {
            return;
        }

        _look++;
        long now = timeProvider.GetTimestamp();
        bool isAnyRamping = false;
        double[] shares = new double[listed.Backends.Length];
        for (int i = 0; i < shares.Length; i++)
        {
            if (listed.IsEligible(i))
            {
                shares[i] = Look(listed.Backends[i], now);
                isAnyRamping |= shares[i] < 1;
            }
        }

        _isStartUp &= listed.EligibleCount == 0;
        if (isAnyRamping)
        {
            SetRamps(listed, shares);
            if (Interlocked.Exchange(ref _isScheduled, 1) == 0)
            {
                schedule.Add(this, RefreshPeriod);
            }
        }
    }

    /// <summary>Time has passed: weights are to be computed again.</summary>
    public void Run()
    {
        Volatile.Write(ref _isScheduled, 0);
        refresh();
    }

    private double Look(BackendState backend, long now)
    {
        if (Slot.Get(backend) is not { } ramp)
        {
            Slot.Set(backend, ramp = new Ramp());
        }

        if (ramp.LastLook != _look - 1)
        {
            // Nobody takes the traffic while those that are there from the start warm up.
            ramp.Begins = _isStartUp ? null : now;
        }

        ramp.LastLook = _look;
        Volatile.Write(ref ramp.Ends, ramp.Begins is { } begins ? begins + (long)(_options.Window.TotalSeconds * timeProvider.TimestampFrequency) : now);
        return ramp.Begins is { } since ? _options.ShareAfter(timeProvider.GetElapsedTime(since, now)) : 1;
    }

    private static void SetRamps(Census listed, double[] shares)
    {
        Dictionary<int, double> farthest = [];
        for (int i = 0; i < shares.Length; i++)
        {
            int priority = listed.Backends[i].Description.Priority;
            farthest[priority] = Math.Max(farthest.GetValueOrDefault(priority), shares[i]);
        }

        for (int i = 0; i < shares.Length; i++)
        {
            double most = farthest[listed.Backends[i].Description.Priority];
            if (shares[i] < most)
            {
                listed.SetRamp(i, shares[i] / most);
            }
        }
    }

    /// <summary>What is remembered of one backend.</summary>
    private sealed class Ramp
    {
        /// <summary>The timestamp at which the slow start ends, or an earlier one.</summary>
        public long Ends;

        /// <summary>When it became eligible; nothing for those that were from the start.</summary>
        public long? Begins { get; set; }

        /// <summary>The last look at which it was eligible; the first has the number 1.</summary>
        public long LastLook { get; set; } = -1;
    }
}
