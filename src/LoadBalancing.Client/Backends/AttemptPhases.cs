namespace LoadBalancing.Client.Backends;

/// <summary>Which parts of an attempt an <see cref="AttemptReport"/> tells of.</summary>
[Flags]
public enum AttemptPhases
{
    /// <summary>No part.</summary>
    None = 0,

    /// <summary>The response headers arrived, or never will: latency, success or failure.</summary>
    Response = 1,

    /// <summary>All is over: bytes, a late failure.</summary>
    Completion = 2,

    /// <summary>With <see cref="Completion"/>: the response was a failure already, so a failure now is no news.</summary>
    AfterFailure = 4,
}
