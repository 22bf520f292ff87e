namespace LoadBalancing.Client.Backends;

/// <summary>Why a backend lets no attempt in.</summary>
internal enum AdmissionRefusal
{
    /// <summary>It does.</summary>
    None,

    /// <summary>It drains, or was isolated.</summary>
    Stopped,

    /// <summary>As many attempts are in flight as it may have.</summary>
    AtCap,

    /// <summary>Its circuit is not closed, and all permits are taken.</summary>
    NoPermit,
}
