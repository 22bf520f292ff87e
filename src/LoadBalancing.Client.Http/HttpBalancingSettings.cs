using LoadBalancing.Client.Http.HashKeys;
using LoadBalancing.Client.Http.Queueing;
using LoadBalancing.Client.Http.Routing;

namespace LoadBalancing.Client.Http;

/// <summary>What a handler reads per request, made once from the balancer's options and the client's base address.</summary>
internal sealed class HttpBalancingSettings
{
    private static readonly HttpBalancingOptions Defaults = new();

    private readonly RequestHasher? _hasher;

    public HttpBalancingSettings(Balancer balancer, BalancerOptions source, Uri? baseAddress)
    {
        HttpBalancingOptions options = source.FindFeature<HttpBalancingOptions>() ?? Defaults;
        Source = source;
        AttemptTimeout = options.AttemptTimeout;
        Queue = new QueueLimits(options.MaxQueue, options.QueueTimeout);
        Authorities = new ServiceAuthorities(Collect(balancer.Name, baseAddress, options));
        _hasher = RequestHasher.Create(options.HashOn.Sources, source.Policy);
    }

    /// <summary>The options that this was made from.</summary>
    public BalancerOptions Source { get; }

    public TimeSpan AttemptTimeout { get; }

    /// <summary>How requests wait for room.</summary>
    public QueueLimits Queue { get; }

    public ServiceAuthorities Authorities { get; }

    /// <summary>What to pick by: what the request's own options say, or else the first of the configured keys that it has.</summary>
    public PickRequest CreatePick(HttpRequestMessage request, in RequestTarget target)
    {
        PickRequest pick = LoadBalancingRequestOptions.CreatePick(request);
        return _hasher is not null && pick.Hash is null ? new PickRequest { Hash = _hasher.FindHash(request, target) } : pick;
    }

    private static IEnumerable<Authority> Collect(string name, Uri? baseAddress, HttpBalancingOptions options)
    {
        // A name that is no host can still be balanced, by the base address or by authorities of its own.
        if (Authority.TryParse(name) is { Port: null } own)
        {
            yield return own;
        }

        if (baseAddress is not null)
        {
            yield return Authority.Of(baseAddress);
        }

        foreach (string authority in options.Authorities)
        {
            yield return Authority.Parse(authority);
        }
    }
}
