namespace LoadBalancing.Client.Simulation.Results;

/// <summary>How a request went, as its caller sees it.</summary>
internal enum RequestResult
{
    /// <summary>Answered in time.</summary>
    Success,

    /// <summary>An error, or no backend.</summary>
    Failure,

    /// <summary>Not answered in time.</summary>
    Timeout,
}
