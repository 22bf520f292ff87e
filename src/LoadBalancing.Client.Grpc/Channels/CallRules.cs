using LoadBalancing.Client.Balancing;

namespace LoadBalancing.Client.Grpc.Channels;

/// <summary>What a channel reads per call, made once from the balancer's options.</summary>
internal sealed class CallRules
{
    /// <summary>As over HTTP.</summary>
    private static readonly TimeSpan DefaultAttemptTimeout = TimeSpan.FromSeconds(10);

    private readonly Func<HttpRequestMessage, string, ulong?>? _hasher;

    public CallRules(BalancerOptions source)
    {
        Source = source;
        IAttemptRules? rules = source.FindAttemptRules();
        AttemptTimeout = rules?.AttemptTimeout ?? DefaultAttemptTimeout;
        _hasher = rules?.CreateHasher(source.Policy);
    }

    /// <summary>The options that this was made from.</summary>
    public BalancerOptions Source { get; }

    /// <summary>From how long on a call that its deadline ends counts against the backend.</summary>
    public TimeSpan AttemptTimeout { get; }

    /// <summary>The hash of the first of the configured keys that the call's metadata have.</summary>
    public ulong? FindHash(HttpRequestMessage request) => _hasher?.Invoke(request, request.RequestUri!.PathAndQuery);
}
