using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Timing;

namespace LoadBalancing.Client.Health.Probing;

/// <summary>
/// Probes one backend again and again, and judges it: down after so many failures in a row, up after so many successes. Owns the backend's flag <see cref="Unavailability.ProbeFailed"/>.
/// </summary>
/// <remarks>
/// The next probe is planned when one is over, so a probe never overlaps itself. What is on the schedule cannot be taken from it: whoever comes before <see cref="_due"/> is left over from an earlier plan.
/// </remarks>
internal sealed class BackendMonitor : IScheduled
{
    private const long NotPlanned = long.MaxValue;

    private readonly Lock _gate = new();
    private readonly Prober _prober;
    private long _due = NotPlanned;
    private ProbeCall? _call;
    private ProbeSetup? _setupOfStreak;
    private int _failures;
    private int _successes;
    private bool _isWatched;
    private bool _isNew;
    private bool _isUntried;

    public BackendMonitor(BackendState backend, Prober prober)
    {
        Backend = backend;
        _prober = prober;
        _isNew = IsDown;
        _isUntried = _isNew;
    }

    public BackendState Backend { get; }

    private bool IsDown => (Backend.Unavailability & Unavailability.ProbeFailed) != 0;

    /// <summary>Begins to probe after the delay, or plans anew. What runs is given up.</summary>
    public void Watch(TimeSpan delay)
    {
        lock (_gate)
        {
            _isWatched = true;
            _call?.Abandon();
            Plan(_prober.Schedule.Add(this, delay));
        }
    }

    /// <summary>Stops probing. What is known stays: the backend may come back.</summary>
    public void Unwatch()
    {
        lock (_gate)
        {
            _isWatched = false;
            _call?.Abandon();
            _due = NotPlanned;
        }
    }

    /// <summary>Stops probing, and forgets what was found out.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            Unwatch();
            _setupOfStreak = null;
            _isNew = _isUntried = false;
            Backend.SetFlag(Unavailability.ProbeFailed, false);
        }
    }

    /// <summary>The interval is over.</summary>
    public void Run()
    {
        lock (_gate)
        {
            if (!_isWatched || _prober.TimeProvider.GetTimestamp() < _due)
            {
                return;
            }

            _due = NotPlanned;
        }

        if (_prober.Setup is { } setup)
        {
            setup.Queue.Enter(new ProbeTurn(this, setup));
        }
    }

    /// <summary>Asks the backend.</summary>
    /// <returns>Whether that is over already.</returns>
    public bool Probe(ProbeSetup setup)
    {
        long now = _prober.TimeProvider.GetTimestamp();
        ProbeCall? call = null;
        lock (_gate)
        {
            if (!IsWanted(setup) || _call is { IsRunning: true })
            {
                return true;
            }

            if (_call is null or { HasReturned: true })
            {
                call = _call = new ProbeCall(this, setup, _prober.Schedule, now);
            }
            else if (!_call.IsOutOfTime)
            {
                // It was given up for other reasons than its own, and has not noticed yet.
                PlanNext(setup, now);
                return true;
            }
        }

        if (call is not null)
        {
            return call.Start();
        }

        // The last one goes on although its time was over long ago: that is an answer too.
        Conclude(setup, now, ProbeCall.TimedOut);
        return true;
    }

    /// <summary>Draws the conclusions from a probe, and plans the next one.</summary>
    public void Conclude(ProbeSetup setup, long started, in ProbeResult result)
    {
        bool changed;
        lock (_gate)
        {
            if (!IsWanted(setup))
            {
                return;
            }

            PlanNext(setup, started);
            changed = Judge(setup, result);
        }

        TimeSpan duration = _prober.TimeProvider.GetElapsedTime(started);
        Backend.Host?.ProbeEnded(Backend, duration, result.ErrorType, changed ? result.Exception : null);
        _prober.FirstRound.OnAnswer(this, result.IsHealthy);
        Backend.Host?.Speak();
    }

    private bool IsWanted(ProbeSetup setup) => _isWatched && ReferenceEquals(_prober.Setup, setup);

    private void PlanNext(ProbeSetup setup, long started)
    {
        long due = _prober.NextAfter(started, setup.Options);
        _prober.Schedule.AddAt(this, due);
        Plan(due);
    }

    private void Plan(long due)
    {
        _due = due;
        if (Backend.GetVerdict(Unavailability.ProbeFailed) is { } verdict)
        {
            verdict.NextAt = due;
        }
    }

    /// <returns>Whether the backend is down or up now, and was not before.</returns>
    private bool Judge(ProbeSetup setup, in ProbeResult result)
    {
        if (!ReferenceEquals(_setupOfStreak, setup))
        {
            // What was asked before may have been another question.
            (_setupOfStreak, _failures, _successes) = (setup, 0, 0);
        }

        (_failures, _successes) = result.IsHealthy ? (0, _successes + 1) : (_failures + 1, 0);
        if (result.IsHealthy)
        {
            return _successes >= (_isNew ? 1 : setup.Options.HealthyThreshold) && ComeUp();
        }

        return (IsDown || _failures >= setup.Options.UnhealthyThreshold) && GoDown(result.Cause);
    }

    private bool ComeUp()
    {
        _isNew = _isUntried = false;
        return Backend.SetFlag(Unavailability.ProbeFailed, false);
    }

    private bool GoDown(string cause)
    {
        if (!IsDown)
        {
            return Backend.SetFlag(Unavailability.ProbeFailed, true, Prober.CreateVerdict(_prober.TimeProvider.GetTimestamp(), cause, _due));
        }

        Verdict? verdict = Backend.GetVerdict(Unavailability.ProbeFailed);
        verdict?.Cause = cause;
        if (!_isUntried)
        {
            return false;
        }

        // It was never announced that a new backend waits; that it waits in vain is news.
        _isUntried = false;
        Backend.Host?.AvailabilityChanged(Backend, Unavailability.ProbeFailed, true, verdict);
        return true;
    }
}
