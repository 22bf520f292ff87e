namespace LoadBalancing.Client;

/// <summary>What an attempt says about its backend.</summary>
public enum OutcomeKind
{
    /// <summary>Nothing: the attempt ended for a reason that is not the backend's.</summary>
    None,

    /// <summary>The backend answered as it should.</summary>
    Succeeded,

    /// <summary>The backend answered with an error of its own, broke the protocol, or was too slow.</summary>
    Failed,

    /// <summary>No connection could be made. Also asks discovery to refresh.</summary>
    ConnectFailed,

    /// <summary>The caller gave up. Never a failure, but the time that had passed is a lower bound of the latency.</summary>
    Canceled,
}
