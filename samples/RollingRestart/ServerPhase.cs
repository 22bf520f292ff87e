namespace RollingRestart;

/// <summary>Where a server is in its restart.</summary>
internal enum ServerPhase
{
    /// <summary>Answers.</summary>
    Serves,

    /// <summary>Takes no new connections, and answers what it has been asked.</summary>
    ShutsDown,

    /// <summary>Nobody listens.</summary>
    IsDown,
}
