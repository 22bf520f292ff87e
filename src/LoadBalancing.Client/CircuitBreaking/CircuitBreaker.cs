using System.Globalization;
using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Timing;

namespace LoadBalancing.Client.CircuitBreaking;

/// <summary>
/// The circuit of one backend. Closed, it counts; open, the backend is in no picker; half-open, a few attempts at a time, each with a permit, find out whether it works again.
/// Source: M. Nygard, "Release It!" (2007); the two triggers are those of Envoy's outlier detection and of Polly v8.
/// </summary>
/// <remarks>
/// Counting takes no lock; moving from one state to the next does, which is rare. Every move begins a new era of the backend, and a report of an attempt that an earlier era admitted is ignored: an attempt that was sent before the circuit opened says
/// nothing about the backend after it. A row of failures or successes carries the era in which it was counted, so that a late report cannot add to one that is not its own.
/// </remarks>
internal sealed class CircuitBreaker(BackendState backend, CircuitBreakers owner) : BackendJudge, IScheduled
{
    private const int CountBits = 32;
    private const double ShortestBreakSeconds = 0.001;

    private readonly Lock _gate = new();
    private long _streak;
    private long _successes;
    private int _since;
    private int _breaks;
    private bool _hasEndedEarly;
    private long _halfOpenAt;

    /// <summary>When the break is over, if the circuit is open.</summary>
    public long HalfOpenAt => Volatile.Read(ref _halfOpenAt);

    public override void OnFailure(in AttemptReport report)
    {
        CircuitBreakerOptions options = owner.Options;
        switch (backend.CircuitOfBreaker)
        {
            case CircuitState.HalfOpen:
                Open(report, options, Describe(report.Outcome));
                break;

            case CircuitState.Open:
                // It is used all the same, because nothing else is left; it has not recovered.
                Interlocked.Exchange(ref _successes, 0);
                break;

            default:
                CountFailure(report, options);
                break;
        }
    }

    public override bool OnSuccess(in AttemptReport report)
    {
        if (backend.CircuitOfBreaker == CircuitState.Closed)
        {
            EndStreak(report.Era);
            return false;
        }

        // While it is open, only those count that were sent on purpose, because nobody else is left; not one that a pick from the last snapshot sent when it opened.
        bool counts = backend.CircuitOfBreaker == CircuitState.HalfOpen || (backend.StandingReasons & PickReasons.FailOpen) != 0 || backend.IsTriedAsSuspect;
        if (counts && Count(ref _successes, report.Era) >= owner.Options.SuccessesToClose)
        {
            Close(report.Era);
        }

        return true;
    }

    /// <summary>The break is over.</summary>
    public void Run()
    {
        lock (_gate)
        {
            if (backend.CircuitOfBreaker != CircuitState.Open || owner.TimeProvider.GetTimestamp() < _halfOpenAt)
            {
                return;
            }

            _hasEndedEarly = false;
            HalfOpen("its break is over");
        }

        backend.Host?.Speak();
    }

    /// <summary>Ends a break before its time. If the trial fails, the next break is as long as this one was to be.</summary>
    /// <returns>Whether there was one.</returns>
    public bool EndBreak(string cause)
    {
        lock (_gate)
        {
            if (backend.CircuitOfBreaker != CircuitState.Open)
            {
                return false;
            }

            _breaks--;
            _hasEndedEarly = true;
            HalfOpen(cause);
            return true;
        }
    }

    /// <summary>Closes for good: there is to be no breaker.</summary>
    public void TurnOff()
    {
        lock (_gate)
        {
            CloseNow("circuit breaking was turned off");
        }

        backend.Host?.Speak();
    }

    private static string Describe(in Outcome outcome) => outcome.ErrorType is { } error ? $"failed: {error}" : "failed";

    private void CountFailure(in AttemptReport report, CircuitBreakerOptions options)
    {
        int streak = Count(ref _streak, report.Era);
        if (streak >= options.ConsecutiveFailures)
        {
            Open(report, options, streak == 1 ? Describe(report.Outcome) : string.Create(CultureInfo.InvariantCulture, $"{streak} failures in a row, the last {Describe(report.Outcome)}"));
            return;
        }

        (long succeeded, long failed) = backend.Tally?.ReadWindow() ?? default;
        long attempts = succeeded + failed;
        if (attempts >= options.MinimumThroughput && failed >= options.FailureRatio * attempts)
        {
            Open(report, options, string.Create(CultureInfo.InvariantCulture, $"{failed} of {attempts} attempts in {options.SamplingDuration.TotalSeconds:0.###} s failed"));
        }
    }

    /// <summary>Counts one more report in a row.</summary>
    /// <returns>How many there are; 0 when the report is late.</returns>
    private int Count(ref long row, int era)
    {
        while (true)
        {
            int since = Volatile.Read(ref _since);
            if (era < since)
            {
                return 0;
            }

            long seen = Volatile.Read(ref row);
            long longer = seen >> CountBits == since ? seen + 1 : ((long)since << CountBits) | 1;
            if (Interlocked.CompareExchange(ref row, longer, seen) == seen)
            {
                return (int)longer;
            }
        }
    }

    private void EndStreak(int era)
    {
        if (era >= Volatile.Read(ref _since))
        {
            Interlocked.Exchange(ref _streak, 0);
        }
    }

    private void Open(in AttemptReport report, CircuitBreakerOptions options, string cause)
    {
        lock (_gate)
        {
            CircuitState state = backend.CircuitOfBreaker;
            if (state == CircuitState.Open || report.Era < _since || !owner.Options.Enabled)
            {
                return;
            }

            _breaks = state == CircuitState.HalfOpen ? _breaks + 1 : 1;
            TimeSpan duration = BreakDuration(options);
            int era = BeginEra();
            MoveTo(CircuitState.Open, cause, duration);
            backend.Tally?.WantSuccesses();
            _halfOpenAt = owner.TimeProvider.GetTimestamp() + (long)(duration.TotalSeconds * owner.TimeProvider.TimestampFrequency);
            backend.SetFlag(Unavailability.CircuitOpen, true, new Verdict(report.Now, cause) { Times = _breaks, NextStep = "half-open", NextAt = _halfOpenAt });

            // From here on it is closed to picks, whatever snapshot they look at. Not before the flag: where nothing else is eligible, the new snapshot says that it may be used all the same.
            backend.Permits = new AdmissionPermits(0, era, options.PermitTimeout, owner.TimeProvider);
            owner.Schedule.AddAt(this, _halfOpenAt);
        }

        backend.Host?.Speak();
    }

    private void HalfOpen(string cause)
    {
        // The flag last: whoever can pick the backend finds the permits. The wish to hear of successes after the move: a success that sees the old state may drop it.
        CircuitBreakerOptions options = owner.Options;
        int era = BeginEra();
        backend.Permits = new AdmissionPermits(options.HalfOpenPermits, era, options.PermitTimeout, owner.TimeProvider);
        MoveTo(CircuitState.HalfOpen, cause);
        backend.Tally?.WantSuccesses();
        backend.SetFlag(Unavailability.CircuitOpen, false);
    }

    private TimeSpan BreakDuration(CircuitBreakerOptions options)
    {
        double doubled = options.BreakDuration.TotalSeconds * Math.Pow(2, Math.Min(_breaks - 1, 32));
        double seconds = Math.Min(doubled, options.MaxBreakDuration.TotalSeconds);
        return TimeSpan.FromSeconds(Math.Max(ShortestBreakSeconds, seconds * (1 + (options.Jitter * ((2 * owner.Random.NextDouble()) - 1)))));
    }

    private void Close(int era)
    {
        bool isSign = false;
        lock (_gate)
        {
            // Only if it is still the state in which they were counted.
            if (era >= _since)
            {
                // It was used because nobody else was left, or is one of those whose break ended early since such a one works. Asked first: when it is closed, it is not alone any more.
                isSign = backend.CircuitOfBreaker == CircuitState.Open || (backend.StandingReasons & PickReasons.FailOpen) != 0 || _hasEndedEarly;
                CloseNow(string.Create(CultureInfo.InvariantCulture, $"{owner.Options.SuccessesToClose} successes in a row"));
            }
        }

        if (isSign)
        {
            // Without the others, all would send to this one, and its next failures leave nobody again.
            owner.EndBreaks(backend);
        }

        backend.Host?.Speak();
    }

    private void CloseNow(string cause)
    {
        if (backend.CircuitOfBreaker == CircuitState.Closed)
        {
            return;
        }

        _breaks = 0;
        BeginEra();
        backend.Permits = null;
        MoveTo(CircuitState.Closed, cause);
        backend.SetFlag(Unavailability.CircuitOpen, false);
    }

    private int BeginEra()
    {
        int era = backend.NextEra();
        Volatile.Write(ref _since, era);
        backend.Tally?.Restart(era);
        backend.IsTriedAsSuspect = false;
        return era;
    }

    private void MoveTo(CircuitState state, string cause, TimeSpan? duration = null)
    {
        CircuitState from = backend.CircuitOfBreaker;
        backend.CircuitOfBreaker = state;
        backend.Host?.CircuitChanged(backend, from, state, cause, duration);
    }
}
