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

    /// <summary>It has waited long enough for the first backends to be known.</summary>
    EndOfParking,

    /// <summary>It has waited long enough for room.</summary>
    QueueTimeout,

    /// <summary>The pause before the next attempt is over.</summary>
    EndOfBackoff,
}
