namespace LoadBalancing.Client;

/// <summary>How much of a service's backends can be used: the share, by weight, that is eligible of all that nobody took out on purpose. Where it changes is up to <see cref="ServiceLevelOptions"/>. Higher is better.</summary>
public enum ServiceLevel
{
    /// <summary>Nothing is eligible, or nothing is listed.</summary>
    None = 0,

    /// <summary>Little is left: by default, less than a half.</summary>
    Critical = 1,

    /// <summary>A part is missing: by default, more than a fifth.</summary>
    Reduced = 2,

    /// <summary>All, or nearly all, is there.</summary>
    Full = 3,
}
