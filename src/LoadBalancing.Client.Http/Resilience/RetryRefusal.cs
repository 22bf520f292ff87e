namespace LoadBalancing.Client.Http.Resilience;

/// <summary>Why a request that could be sent again was not.</summary>
internal enum RetryRefusal
{
    None,

    /// <summary>Its time is over, or would be.</summary>
    NoTime,

    /// <summary>Those that are left have sent a Retry-After that is too long.</summary>
    RetryAfter,

    /// <summary>The budget is used up.</summary>
    NoBudget,

    /// <summary>There was nobody to send it to.</summary>
    NoBackend,
}
