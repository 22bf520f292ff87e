namespace LoadBalancing.Client.Http.Bodies;

/// <summary>The body of a response to a request that was sent more than once. Only these remember the attempts before: the others have nothing to tell.</summary>
/// <param name="inner">What the backend sent.</param>
/// <param name="lease">The attempt. Complete, if nobody will read the content.</param>
/// <param name="isUpgrade">Whether this is no body but a connection, for both directions.</param>
/// <param name="attempts">All attempts, the one that brought this included.</param>
internal sealed class RetriedContent(HttpContent inner, in BackendLease lease, bool isUpgrade, IReadOnlyList<BackendAttempt> attempts) : TrackedContent(inner, lease, isUpgrade)
{
    public override IReadOnlyList<BackendAttempt>? Attempts => attempts;
}
