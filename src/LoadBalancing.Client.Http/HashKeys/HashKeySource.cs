using LoadBalancing.Client.Http.Routing;

namespace LoadBalancing.Client.Http.HashKeys;

/// <summary>One place in a request where the key of hash policies may be. Immutable; thread safe.</summary>
internal abstract class HashKeySource
{
    /// <summary>The hash of the key in this request, or <see langword="null"/> when there is none, or an empty one: that would send everybody without a key to one backend.</summary>
    /// <param name="request">The request, as the caller made it.</param>
    /// <param name="target">Its path and query, as they go on the wire.</param>
    public abstract ulong? FindHash(HttpRequestMessage request, in RequestTarget target);

    /// <summary>The XXH64 of the value's UTF-8 bytes; allocates nothing.</summary>
    protected static ulong? Hash(ReadOnlySpan<char> value) => value.IsEmpty ? null : PickRequest.HashKey(value);
}
