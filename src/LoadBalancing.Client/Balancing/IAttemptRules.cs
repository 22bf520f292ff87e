namespace LoadBalancing.Client.Balancing;

/// <summary>
/// What the options of one adapter say of all attempts: one balancer serves HTTP and gRPC, and what is configured once holds for both.
/// </summary>
internal interface IAttemptRules
{
    /// <summary>How long an attempt may take; <see cref="Timeout.InfiniteTimeSpan"/> for as long as it likes.</summary>
    TimeSpan AttemptTimeout { get; }

    /// <summary>Finds the key of a request, for policies that choose by hash.</summary>
    /// <param name="policy">The policy in force.</param>
    /// <returns>Gives the hash of a request's key, if it has one; <see langword="null"/> when requests have no keys. Its arguments are the request and its path and query.</returns>
    Func<HttpRequestMessage, string, ulong?>? CreateHasher(LoadBalancingPolicy policy);
}
