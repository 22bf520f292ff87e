namespace LoadBalancing.Client.Simulation.Servers;

/// <summary>How the work on a request ended, as the server's side has it.</summary>
internal enum JobEnd
{
    /// <summary>With an answer.</summary>
    Answered,

    /// <summary>With an error of the server.</summary>
    Error,

    /// <summary>There was no connection to be had.</summary>
    Refused,

    /// <summary>The server went down while it worked on it, or while it waited there.</summary>
    Lost,
}
