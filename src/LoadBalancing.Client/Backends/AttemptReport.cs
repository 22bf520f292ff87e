namespace LoadBalancing.Client.Backends;

/// <summary>One report of how an attempt went, as observers see it. Lives on the stack: what is to be kept must be copied out.</summary>
public readonly ref struct AttemptReport
{
    /// <summary>No clock shows this: it is as far as can be before the start.</summary>
    internal const long NotRead = long.MinValue;

    private readonly ref readonly Outcome _outcome;
    private readonly ref long _now;
    private readonly TimeProvider _timeProvider;

    /// <param name="backend">The backend that was tried.</param>
    /// <param name="phases">What is reported.</param>
    /// <param name="outcome">How it went.</param>
    /// <param name="started">When the attempt was picked.</param>
    /// <param name="now">Where the time of the report is kept once somebody has asked for it; <see cref="NotRead"/> at first. So all see the same, and if nobody asks, the clock is not read.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="era">The backend's era when it admitted the attempt.</param>
    internal AttemptReport(BackendState backend, AttemptPhases phases, ref readonly Outcome outcome, long started, ref long now, TimeProvider timeProvider, int era)
    {
        Era = era;
        _outcome = ref outcome;
        _now = ref now;
        _timeProvider = timeProvider;
        Backend = backend;
        Phases = phases;
        Started = started;
    }

    /// <summary>The backend that was tried.</summary>
    public BackendState Backend { get; }

    /// <summary>What is reported: the response, the completion, or both at once.</summary>
    public AttemptPhases Phases { get; }

    /// <summary>Whether this tells of the response: its latency, success or failure.</summary>
    public bool IsResponse => (Phases & AttemptPhases.Response) != 0;

    /// <summary>Whether this tells of the end of the attempt: its bytes, a late failure.</summary>
    public bool IsCompletion => (Phases & AttemptPhases.Completion) != 0;

    /// <summary>How it went.</summary>
    public ref readonly Outcome Outcome => ref _outcome;

    /// <summary>When the attempt was picked, as <see cref="TimeProvider.GetTimestamp"/> gave it.</summary>
    public long Started { get; }

    /// <summary>When this was reported, from the same clock. The clock is read when the first observer asks; the others get the same reading.</summary>
    public long Now => _now != NotRead ? _now : _now = _timeProvider.GetTimestamp();

    /// <summary>The backend's era when it admitted the attempt.</summary>
    internal int Era { get; }

    /// <summary>What the outcome says, or else the time from the pick until now: for the response its latency, for the completion the whole duration.</summary>
    public TimeSpan Latency => _outcome.Latency ?? _timeProvider.GetElapsedTime(Started, Now);

    /// <summary><see cref="Now"/> in milliseconds, for differences: it wraps around.</summary>
    internal uint NowMilliseconds => (uint)((ulong)(_timeProvider.GetElapsedTime(0, Now).Ticks / TimeSpan.TicksPerMillisecond) & uint.MaxValue);
}
