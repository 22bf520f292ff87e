namespace LoadBalancing.Client;

/// <summary>Where the circuit breaker of a backend stands.</summary>
public enum CircuitState
{
    /// <summary>Requests pass; failures are counted.</summary>
    Closed,

    /// <summary>The backend has failed too often: it gets nothing until its break is over.</summary>
    Open,

    /// <summary>The break is over: a few attempts at a time find out whether the backend works again.</summary>
    HalfOpen,

    /// <summary>Taken out by hand with <c>Balancer.Isolate</c>, whatever the breaker says.</summary>
    Isolated,
}
