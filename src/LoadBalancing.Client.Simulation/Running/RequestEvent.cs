namespace LoadBalancing.Client.Simulation.Running;

/// <summary>What a request has planned for later.</summary>
internal enum RequestEvent
{
    /// <summary>The caller's time is over.</summary>
    CallerTimeout,

    /// <summary>The client's own time for the request is over.</summary>
    RequestTimeout,

    /// <summary>The time of the attempt is over.</summary>
    AttemptTimeout,

    /// <summary>The answer takes so long that another backend is asked too.</summary>
    Hedge,

    /// <summary>The pause before the next attempt is over.</summary>
    EndOfBackoff,
}
