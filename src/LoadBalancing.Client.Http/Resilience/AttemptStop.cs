namespace LoadBalancing.Client.Http.Resilience;

/// <summary>What has ended an attempt before its headers, if it was not the attempt itself.</summary>
internal enum AttemptStop
{
    None,

    /// <summary>The caller's token.</summary>
    Canceled,

    /// <summary>No headers within the attempt timeout.</summary>
    Timeout,

    /// <summary>The request's time was over.</summary>
    RequestTimeout,

    /// <summary>The handler below could not connect in time.</summary>
    ConnectTimeout,

    /// <summary>A handler between the balancer and the primary handler has thrown an exception of its own.</summary>
    Handler,
}
