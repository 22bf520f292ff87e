using LoadBalancing.Client.Timing;

namespace LoadBalancing.Client.Backends;

/// <summary>
/// How many attempts on a backend succeeded and how many failed, in all and in a sliding window, for those who judge it. Thread safe, without a lock; a success in untroubled times costs one increment.
/// </summary>
/// <remarks>
/// Only totals are counted; the window is what they have grown by since marks that are set when a slice of time begins, by whoever counts first in it. Counts that others add in that very instant may fall into the slice before.
/// Judges hear of failures; of successes only while one of them has asked for it, and after each failure. They are told first and the mark is set afterwards, while a success clears the mark first: so a success that follows a failure is never kept from them.
/// </remarks>
internal sealed class AttemptTally
{
    private const int Slices = 10;

    /// <summary>Neither a slice nor <see cref="CoarseClock.Asleep"/>.</summary>
    private const int None = CoarseClock.Asleep - 1;

    private readonly BackendState _backend;
    private readonly BackendJudge[] _judges;
    private readonly CoarseClock _clock;
    private readonly LostConnections _losses;
    private (long Succeeded, long Failed)[]? _marks;
    private PaddedCounter _succeeded;
    private long _failed;
    private int _slice = None;
    private int _claimed = None;
    private int _since;

    // From the start: a judge may be in the middle of something when its backend gets a new tally.
    private int _wantsSuccesses = 1;

    /// <param name="backend">Whose attempts are counted.</param>
    /// <param name="judges">Who judges it; one or more.</param>
    /// <param name="clock">Shows slices of a tenth of the window.</param>
    public AttemptTally(BackendState backend, BackendJudge[] judges, CoarseClock clock)
    {
        _backend = backend;
        _since = backend.Tally?._since ?? 0;
        _judges = judges;
        _clock = clock;
        _losses = new LostConnections(backend);
    }

    /// <summary>Successes and failures since the beginning.</summary>
    public (long Succeeded, long Failed) Totals => (Volatile.Read(ref _succeeded.Value), Volatile.Read(ref _failed));

    /// <summary>Asks for successes until a judge no longer wants any.</summary>
    public void WantSuccesses() => Interlocked.Exchange(ref _wantsSuccesses, 1);

    /// <summary>Begins the window anew, and ignores what attempts of eras before this one say.</summary>
    public void Restart(int era)
    {
        Volatile.Write(ref _since, era);
        if (Volatile.Read(ref _marks) is { } marks)
        {
            Array.Fill(marks, Totals);
        }
    }

    /// <summary>Counts a success.</summary>
    /// <returns>Whether the judges want to hear of it: <see cref="TellSuccess"/>.</returns>
    public bool CountSuccess(int era)
    {
        if (era < Volatile.Read(ref _since))
        {
            return false;
        }

        if (_clock.Current != Volatile.Read(ref _slice))
        {
            MoveOn();
        }

        Interlocked.Increment(ref _succeeded.Value);
        return Volatile.Read(ref _wantsSuccesses) != 0;
    }

    public void TellSuccess(in AttemptReport report)
    {
        // While its circuit is not closed, each success matters, and none may slip through while another clears the mark.
        if (_backend.CircuitOfBreaker == CircuitState.Closed)
        {
            Interlocked.Exchange(ref _wantsSuccesses, 0);
            if (_backend.CircuitOfBreaker != CircuitState.Closed)
            {
                WantSuccesses();
            }
        }

        foreach (BackendJudge judge in _judges)
        {
            if (judge.OnSuccess(report))
            {
                WantSuccesses();
            }
        }
    }

    /// <summary>Counts a failure, unless it is one more of a connection that was lost, and tells the judges.</summary>
    public void CountFailure(in AttemptReport report)
    {
        if (report.Era < Volatile.Read(ref _since) || _losses.IsKnown(report))
        {
            return;
        }

        if (_clock.Current != Volatile.Read(ref _slice))
        {
            MoveOn();
        }

        Interlocked.Increment(ref _failed);
        foreach (BackendJudge judge in _judges)
        {
            judge.OnFailure(report);
        }

        WantSuccesses();
    }

    /// <summary>Successes and failures in the window that ends now.</summary>
    public (long Succeeded, long Failed) ReadWindow()
    {
        if (Volatile.Read(ref _marks) is not { } marks)
        {
            return default;
        }

        // The oldest slice that still counts is the one whose place the next slice will take.
        (long succeeded, long failed) = Totals;
        (long Succeeded, long Failed) before = marks[(Volatile.Read(ref _slice) + 1) % Slices];
        return (Math.Max(0, succeeded - before.Succeeded), Math.Max(0, failed - before.Failed));
    }

    private void MoveOn()
    {
        int current = _clock.Use();
        int last = Volatile.Read(ref _slice);
        if (current <= last || Interlocked.CompareExchange(ref _claimed, current, last) != last)
        {
            return;
        }

        (long Succeeded, long Failed)[] marks = Volatile.Read(ref _marks) ?? new (long, long)[Slices];
        (long Succeeded, long Failed) totals = Totals;
        for (int slice = Math.Max(0, Math.Max(last + 1, current - Slices + 1)); slice <= current; slice++)
        {
            marks[slice % Slices] = totals;
        }

        // The slice is shown last: whoever reads the window in it finds its marks.
        Volatile.Write(ref _marks, marks);
        Volatile.Write(ref _slice, current);
    }
}
