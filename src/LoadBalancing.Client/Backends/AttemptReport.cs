namespace LoadBalancing.Client.Backends;

/// <summary>One report of how an attempt went, as observers see it. Lives on the stack: what is to be kept must be copied out.</summary>
public readonly ref struct AttemptReport
{
    private readonly ref readonly Outcome _outcome;
    private readonly TimeProvider _timeProvider;

    internal AttemptReport(BackendState backend, AttemptPhases phases, ref readonly Outcome outcome, long started, TimeProvider timeProvider)
    {
        _outcome = ref outcome;
        _timeProvider = timeProvider;
        Backend = backend;
        Phases = phases;
        Started = started;
        Now = timeProvider.GetTimestamp();
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

    /// <summary>When this was reported, from the same clock.</summary>
    public long Now { get; }

    /// <summary>What the outcome says, or else the time from the pick until now: for the response its latency, for the completion the whole duration.</summary>
    public TimeSpan Latency => _outcome.Latency ?? _timeProvider.GetElapsedTime(Started, Now);
}
