namespace Failover;

/// <summary>What a server does with its requests.</summary>
internal enum Behaviour
{
    /// <summary>Answers in some milliseconds.</summary>
    Works,

    /// <summary>Answers, but late.</summary>
    IsSlow,

    /// <summary>Answers at once, with an error.</summary>
    FailsFast,

    /// <summary>Takes requests, and never answers.</summary>
    Hangs,

    /// <summary>Works and fails by turns.</summary>
    Flaps,

    /// <summary>Has died: connections are gone, and nobody listens.</summary>
    IsDown,
}
