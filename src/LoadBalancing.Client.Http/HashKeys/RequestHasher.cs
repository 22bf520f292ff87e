using LoadBalancing.Client.Http.Routing;

namespace LoadBalancing.Client.Http.HashKeys;

/// <summary>Asks one source after the other for a request's hash; the first that has a key wins. Immutable; thread safe.</summary>
internal sealed class RequestHasher
{
    private static readonly RequestHasher ByClientAddress = new([new ClientAddressKey(useForwardedFor: false)]);

    private readonly HashKeySource[] _sources;

    private RequestHasher(HashKeySource[] sources) => _sources = sources;

    /// <summary>What the options ask for; <see langword="null"/> when that is nothing, so that a request pays for one comparison.</summary>
    /// <param name="sources">Those of <c>HashOn</c>.</param>
    /// <param name="policy">The policy: <c>ip_hash</c> is about the client's address, unless something else is said.</param>
    public static RequestHasher? Create(IReadOnlyCollection<HashKeySource> sources, LoadBalancingPolicy policy)
    {
        if (sources.Count > 0)
        {
            return new RequestHasher([.. sources]);
        }

        return policy.Name == "ip_hash" ? ByClientAddress : null;
    }

    public ulong? FindHash(HttpRequestMessage request, in RequestTarget target)
    {
        foreach (HashKeySource source in _sources)
        {
            if (source.FindHash(request, target) is { } hash)
            {
                return hash;
            }
        }

        return null;
    }
}
