namespace LoadBalancing.Client.Backends;

/// <summary>
/// Per-backend memory that hears of every attempt: a policy's load metric, the circuit breaker, outlier counters.
/// </summary>
/// <remarks>Called on the threads that complete attempts, concurrently: implementations are thread safe, do not block, do not allocate and do not throw.</remarks>
public interface IBackendObserver
{
    /// <summary>An attempt got its response, or is over, or both.</summary>
    void Observe(in AttemptReport report);
}
