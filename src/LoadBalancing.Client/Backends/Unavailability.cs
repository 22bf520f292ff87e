namespace LoadBalancing.Client;

/// <summary>
/// Why a backend may not receive new attempts. Each source of trouble owns one flag, sets it and clears it; nobody touches another's.
/// </summary>
[Flags]
public enum Unavailability
{
    /// <summary>Eligible: nothing speaks against a new attempt.</summary>
    None = 0,

    /// <summary>An active health check failed (owner: the prober).</summary>
    ProbeFailed = 1,

    /// <summary>Outlier detection ejected it (owner: the outlier detector).</summary>
    Ejected = 2,

    /// <summary>Its circuit is open (owner: the circuit breaker).</summary>
    CircuitOpen = 4,

    /// <summary>It finishes what runs and gets nothing new (owner: <c>Balancer.DrainAsync</c>, or discovery that no longer lists it).</summary>
    Draining = 8,

    /// <summary>Taken out by hand (owner: <c>Balancer.Isolate</c> and <c>Balancer.Restore</c>).</summary>
    Isolated = 16,
}
