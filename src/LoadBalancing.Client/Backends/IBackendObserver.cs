namespace LoadBalancing.Client.Backends;

/// <summary>Which parts of an attempt an <see cref="AttemptReport"/> tells of.</summary>
[Flags]
public enum AttemptPhases
{
    /// <summary>No part.</summary>
    None = 0,

    /// <summary>The response headers arrived, or never will: latency, success or failure.</summary>
    Response = 1,

    /// <summary>All is over: bytes, a late failure.</summary>
    Completion = 2,
}

/// <summary>One report of how an attempt went, as observers see it.</summary>
/// <param name="Backend">The backend that was tried.</param>
/// <param name="Phases">What is reported: the response, the completion, or both at once.</param>
/// <param name="Outcome">How it went.</param>
/// <param name="Started">When the attempt was picked, as <see cref="TimeProvider.GetTimestamp"/> gave it.</param>
/// <param name="Now">When it was reported, from the same clock.</param>
/// <param name="Latency">To the response headers (<see cref="AttemptPhases.Response"/>), else the time since the pick.</param>
public readonly record struct AttemptReport(BackendState Backend, AttemptPhases Phases, Outcome Outcome, long Started, long Now, TimeSpan Latency);

/// <summary>
/// Per-backend memory that hears of every attempt: a policy's load metric, the circuit breaker, outlier counters.
/// </summary>
/// <remarks>Called on the threads that complete attempts, concurrently: implementations are thread safe, do not block, do not allocate and do not throw.</remarks>
public interface IBackendObserver
{
    /// <summary>An attempt got its response, or is over, or both.</summary>
    void Observe(in AttemptReport report);
}
