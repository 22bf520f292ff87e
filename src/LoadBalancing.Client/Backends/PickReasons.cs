namespace LoadBalancing.Client;

/// <summary>What was out of the ordinary about a pick. <see cref="None"/>: the policy chose among eligible backends of the first tier.</summary>
[Flags]
public enum PickReasons
{
    /// <summary>An ordinary pick.</summary>
    None = 0,

    /// <summary>No backend was healthy enough, so all were used, whatever health says (panic).</summary>
    FailOpen = 1,

    /// <summary>The first priority tier could not take all of the load.</summary>
    SpilledTier = 2,

    /// <summary>The caller's own zone could not take all of its load.</summary>
    SpilledZone = 4,

    /// <summary>A hash policy was asked without a hash and chose at random.</summary>
    NoHash = 8,

    /// <summary>The first choice refused (at its concurrency cap, or just gone), so another was picked.</summary>
    Repicked = 16,

    /// <summary>Everything else was tried already, so a backend that the request excludes was used again.</summary>
    ExcludedReused = 32,
}
