namespace LoadBalancing.Client.Http.Tests.Restarts;

internal enum RequestKind
{
    /// <summary>May be repeated.</summary>
    Get,

    /// <summary>A POST with an <c>Idempotency-Key</c>: may be repeated.</summary>
    KeyedPost,

    /// <summary>A POST without one: may not.</summary>
    PlainPost,
}
