namespace LoadBalancing.Client.Balancing.Views;

/// <summary>How the owner of a view can reach a backend.</summary>
internal enum Readiness
{
    /// <summary>Not known yet: it is connecting, or was not told to. Nobody is picked before it is ready, but load is spread as if it were: it takes nothing away from its tier.</summary>
    Pending,

    /// <summary>It can be picked.</summary>
    Ready,

    /// <summary>It cannot be reached: it counts against its tier as one does that health has taken out. Stays so while it connects again, until it is ready.</summary>
    Failed,
}
