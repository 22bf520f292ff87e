using System.Globalization;
using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Timing;

namespace LoadBalancing.Client.Health.Outliers;

/// <summary>
/// What outlier detection knows about one backend. It counts failures, in all and in a row, without a lock; whether and for how long the backend is ejected is guarded by the detector's lock.
/// </summary>
/// <remarks>
/// A return begins a new era of the backend, and a failure of an attempt that an earlier era admitted counts for nothing: it was sent before the ejection, or while nothing better was left, and must not eject the backend again at once.
/// Successes come from the tally, which does not know about that era; late ones can only speak for the backend.
/// </remarks>
internal sealed class OutlierJudge(BackendState backend, OutlierDetector detector) : BackendJudge, IScheduled
{
    private AttemptTally? _tally;
    private long _succeededBefore;
    private long _failedBefore;
    private long _failed;
    private int _streak;
    private int _since;
    private bool _isEjected;

    public BackendState Backend { get; } = backend;

    /// <summary>The tier whose cap counts it; <see langword="null"/> while it is in no list.</summary>
    public EjectionTier? Tier { get; set; }

    public bool IsEjected => Volatile.Read(ref _isEjected);

    /// <summary>How often it was ejected, less one for each quiet interval.</summary>
    public int Times { get; private set; }

    /// <summary>The timestamp at which the ejection ends.</summary>
    public long ReturnsAt { get; private set; }

    /// <summary>The timestamp at which the last ejection ended.</summary>
    public long ReturnedAt { get; private set; } = long.MinValue;

    public override void OnFailure(in AttemptReport report)
    {
        // In this order: what a return has ended is late.
        if (IsEjected || IsLate(report.Era))
        {
            return;
        }

        Interlocked.Increment(ref _failed);
        int streak = Interlocked.Increment(ref _streak);
        int limit = detector.Options.ConsecutiveFailures;

        // Exactly one thread arrives at each multiple. If the cap refuses the first, the backend has to fail that often again before the cap is asked again.
        if (limit > 0 && streak % limit == 0)
        {
            detector.Eject(this, report.Era, streak == 1 ? "a failure" : string.Create(CultureInfo.InvariantCulture, $"{streak} failures in a row"));
        }
    }

    public override bool OnSuccess(in AttemptReport report)
    {
        if (!IsLate(report.Era))
        {
            Volatile.Write(ref _streak, 0);
        }

        return false;
    }

    /// <summary>Whether an attempt of this era was sent before the last return.</summary>
    public bool IsLate(int era) => era < Volatile.Read(ref _since);

    /// <summary>Forgets the failures in a row.</summary>
    public void EndStreak() => Volatile.Write(ref _streak, 0);

    /// <summary>The time of the ejection is over, or was when this was scheduled.</summary>
    public void Run() => detector.Return(this);

    public void Eject(TimeSpan baseTime, TimeSpan longest, TimeSpan jitter)
    {
        Times++;
        TimeSpan duration = TimeSpan.FromSeconds(Math.Min(baseTime.TotalSeconds * Times, longest.TotalSeconds)) + jitter;
        ReturnsAt = detector.Schedule.Add(this, duration);
        Volatile.Write(ref _isEjected, true);
    }

    public void Return(long now)
    {
        // The mark last: whoever finds it gone finds the era that makes an old report a late one.
        ReturnedAt = now;
        Volatile.Write(ref _since, Backend.NextEra());
        EndStreak();
        BeginInterval();
        Volatile.Write(ref _isEjected, false);
    }

    /// <summary>Takes one time off the count, unless the backend was ejected at any time since <paramref name="began"/>.</summary>
    public void EndQuietInterval(long began)
    {
        if (!IsEjected && Times > 0 && ReturnedAt <= began)
        {
            Times--;
        }
    }

    public void Forget() => Times = 0;

    /// <summary>Counts the interval from here, if its counts began anew.</summary>
    public void FollowTally()
    {
        if (!ReferenceEquals(_tally, Backend.Tally))
        {
            BeginInterval();
        }
    }

    /// <summary>What was counted since the last time, and begins to count the next interval.</summary>
    public IntervalCount EndInterval()
    {
        FollowTally();
        (long succeeded, long failed) = (_succeededBefore, _failedBefore);
        BeginInterval();
        return new IntervalCount(this, _succeededBefore - succeeded, _failedBefore - failed);
    }

    private void BeginInterval()
    {
        _tally = Backend.Tally;
        _succeededBefore = _tally?.Totals.Succeeded ?? 0;
        _failedBefore = Volatile.Read(ref _failed);
    }
}
