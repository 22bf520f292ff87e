using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Timing;

namespace LoadBalancing.Client.Health.Outliers;

/// <summary>
/// Takes backends out for a while that do worse than the others: at once after so many failures in a row, and at the end of each interval by comparison. Sources: Envoy's outlier detection; gRFC A50.
/// </summary>
/// <remarks>
/// Counting takes no lock. Ejecting does, and so do returns, changes of the list and the end of an interval: the cap on how many may be ejected holds whoever ejects at the same time.
/// Where the sources look at the time of return only at the end of an interval, here a backend returns when its time is over; and the cap counts the ejection that is to be decided.
/// </remarks>
internal sealed class OutlierDetector(TimeProvider timeProvider, Random random, Schedule schedule) : IHealthSource, IScheduled
{
    private static readonly BackendSlot<OutlierJudge> Slot = new();

    private readonly Lock _gate = new();
    private readonly HashSet<OutlierJudge> _ejected = [];
    private OutlierDetectionOptions _options = new();
    private OutlierJudge[] _judges = [];
    private bool _isStarted;
    private long _intervalBegan;
    private long _intervalEnds = long.MaxValue;

    public OutlierDetectionOptions Options => Volatile.Read(ref _options);

    public Schedule Schedule { get; } = schedule;

    /// <summary>Puts other options in force. Who is ejected stays so for as long as it was to; turned off, all return.</summary>
    public void Configure(OutlierDetectionOptions options)
    {
        OutlierJudge[] cleared = [];
        lock (_gate)
        {
            OutlierDetectionOptions before = _options;
            Volatile.Write(ref _options, options);
            if (!options.Enabled)
            {
                cleared = [.. _ejected];
                Array.ForEach(cleared, ReturnNow);
                Array.ForEach(_judges, judge => judge.Forget());
                _intervalEnds = long.MaxValue;
            }
            else if (_isStarted && (!before.Enabled || options.Interval != before.Interval))
            {
                PlanInterval(before.Enabled ? _intervalBegan : timeProvider.GetTimestamp());
            }
        }

        Speak(cleared);
    }

    public BackendJudge? CreateJudge(BackendState backend)
    {
        if (!Options.Enabled)
        {
            return null;
        }

        if (Slot.Get(backend) is not { } judge)
        {
            Slot.Set(backend, judge = new OutlierJudge(backend, this));
        }

        judge.EndStreak();
        return judge;
    }

    public void Start()
    {
        lock (_gate)
        {
            _isStarted = true;
            if (_options.Enabled)
            {
                PlanInterval(timeProvider.GetTimestamp());
            }
        }
    }

    public void Update(IReadOnlyList<BackendState> listed)
    {
        lock (_gate)
        {
            Array.ForEach(_judges, judge => judge.Tier = null);
            _judges = [.. listed.Select(Slot.Get).OfType<OutlierJudge>()];
            foreach (IGrouping<int, OutlierJudge> judges in _judges.GroupBy(judge => judge.Backend.Description.Priority))
            {
                EjectionTier tier = new();
                foreach (OutlierJudge judge in judges)
                {
                    tier.Add(judge.Backend);
                    tier.Ejected += judge.IsEjected ? 1 : 0;
                    judge.Tier = tier;
                    judge.FollowTally();
                }
            }
        }
    }

    /// <summary>Ejects a backend because of its failures in a row, if that is allowed.</summary>
    /// <param name="judge">The backend's.</param>
    /// <param name="era">The era of the attempt whose failure was the last straw.</param>
    /// <param name="cause">In words.</param>
    public void Eject(OutlierJudge judge, int era, string cause)
    {
        lock (_gate)
        {
            if (!judge.IsLate(era) && _options.ConsecutiveFailures > 0)
            {
                TryEject(judge, EjectionKinds.ConsecutiveFailures, cause);
            }
        }

        Speak(judge);
    }

    /// <summary>Ends an ejection whose time is over.</summary>
    public void Return(OutlierJudge judge)
    {
        lock (_gate)
        {
            if (!judge.IsEjected || timeProvider.GetTimestamp() < judge.ReturnsAt)
            {
                return;
            }

            ReturnNow(judge);
        }

        Speak(judge);
    }

    /// <summary>The interval is over.</summary>
    public void Run()
    {
        OutlierJudge[] judges;
        lock (_gate)
        {
            // What an earlier plan has left in the schedule comes here too.
            long now = timeProvider.GetTimestamp();
            if (now < _intervalEnds)
            {
                return;
            }

            judges = _judges;
            Compare(_options);
            foreach (OutlierJudge judge in judges)
            {
                judge.EndQuietInterval(_intervalBegan);
            }

            PlanInterval(now);
        }

        Speak(judges);
    }

    public void Dispose()
    {
    }

    private static void Speak(params ReadOnlySpan<OutlierJudge> judges)
    {
        // They all speak to the same host.
        if (!judges.IsEmpty)
        {
            judges[0].Backend.Host?.Speak();
        }
    }

    private void PlanInterval(long began)
    {
        _intervalBegan = began;
        _intervalEnds = began + (long)(_options.Interval.TotalSeconds * timeProvider.TimestampFrequency);
        Schedule.AddAt(this, _intervalEnds);
    }

    private void Compare(OutlierDetectionOptions options)
    {
        List<IntervalCount> counts = new(_judges.Length);
        foreach (OutlierJudge judge in _judges)
        {
            IntervalCount count = judge.EndInterval();
            if (!judge.IsEjected && !EjectionTier.IsOutOnPurpose(judge.Backend))
            {
                counts.Add(count);
            }
        }

        if (options.SuccessRate.Enabled)
        {
            IntervalCount.FindBySuccessRate(counts, options.SuccessRate).ForEach(found => TryEject(found.Count.Judge, EjectionKinds.SuccessRate, found.Cause));
        }

        if (options.FailurePercentage.Enabled)
        {
            IntervalCount.FindByFailurePercentage(counts, options.FailurePercentage).ForEach(found => TryEject(found.Count.Judge, EjectionKinds.FailurePercentage, found.Cause));
        }
    }

    private void TryEject(OutlierJudge judge, string kind, string cause)
    {
        // What is in no list, or out on purpose, must not take a place from those that are in use.
        BackendState backend = judge.Backend;
        if (!_options.Enabled || judge.IsEjected || judge.Tier is not { } tier || EjectionTier.IsOutOnPurpose(backend))
        {
            return;
        }

        if (!tier.HasRoom(_options.MaxEjectionPercent))
        {
            backend.Host?.EjectionRefused(backend, kind, cause);
            return;
        }

        tier.Ejected++;
        _ejected.Add(judge);
        judge.Eject(_options.BaseEjectionTime, _options.MaxEjectionTime, _options.MaxEjectionTimeJitter * random.NextDouble());
        Verdict verdict = new(timeProvider.GetTimestamp(), cause) { Kind = kind, Times = judge.Times, NextStep = "returns", NextAt = judge.ReturnsAt };
        backend.SetFlag(Unavailability.Ejected, true, verdict);
    }

    private void ReturnNow(OutlierJudge judge)
    {
        judge.Tier?.Ejected -= 1;
        _ejected.Remove(judge);
        judge.Return(timeProvider.GetTimestamp());
        judge.Backend.SetFlag(Unavailability.Ejected, false);
    }
}
