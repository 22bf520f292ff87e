using System.Net;
using LoadBalancing.Client.Http;

namespace LoadBalancing.Client;

/// <summary>
/// What one request can say about its balancing: keys for <see cref="HttpRequestMessage.Options"/>. The methods of <see cref="LoadBalancingHttpRequestMessageExtensions"/> set the same values.
/// Keys of the same name and type are the same key, whoever has made them. Thread safe.
/// </summary>
public static class LoadBalancingRequestOptions
{
    /// <summary>What the request belongs to (a user, a session, a cache key): hash policies send equal keys to the same backend. An empty text counts as none. Other policies ignore it.</summary>
    public static HttpRequestOptionsKey<string> HashKey { get; } = new("LoadBalancing.Client.HashKey");

    /// <summary>As <see cref="HashKey"/>, but the final hash itself (<see cref="PickRequest.Hash"/>), for callers that have one. Wins over <see cref="HashKey"/>.</summary>
    public static HttpRequestOptionsKey<ulong> Hash { get; } = new("LoadBalancing.Client.Hash");

    /// <summary>The address of the client on whose behalf the request is made, for <see cref="HashKeyBuilder.ClientAddress"/> and the policy <c>ip_hash</c>; others ignore it.</summary>
    public static HttpRequestOptionsKey<IPAddress> ClientAddress { get; } = new("LoadBalancing.Client.ClientAddress");

    /// <summary>How long each attempt of this request may take to its response headers, in place of <see cref="HttpBalancingOptions.AttemptTimeout"/> and with the same range. For gRPC requests too.</summary>
    public static HttpRequestOptionsKey<TimeSpan> AttemptTimeout { get; } = new("LoadBalancing.Client.AttemptTimeout");

    internal static PickRequest CreatePick(HttpRequestMessage request)
    {
        if (ExistingOptions.Of(request) is not { } options)
        {
            return default;
        }

        if (options.TryGetValue(Hash, out ulong hash))
        {
            return new PickRequest { Hash = hash };
        }

        return options.TryGetValue(HashKey, out string? key) && !string.IsNullOrEmpty(key) ? PickRequest.ForKey(key) : default;
    }

    /// <summary>The address of the request's client, if the application has said it.</summary>
    internal static IPAddress? FindClientAddress(HttpRequestMessage request) =>
        ExistingOptions.Of(request) is { } options && options.TryGetValue(ClientAddress, out IPAddress? address) ? address : null;

    /// <summary>The request's own attempt timeout, if it has one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
    internal static TimeSpan? FindAttemptTimeout(HttpRequestMessage request)
    {
        if (ExistingOptions.Of(request) is not { } options || !options.TryGetValue(AttemptTimeout, out TimeSpan timeout))
        {
            return null;
        }

        return HttpBalancingOptions.IsTimeout(timeout)
            ? timeout
            : throw new ArgumentOutOfRangeException(nameof(request), timeout, $"Request option {AttemptTimeout.Key}: {HttpBalancingOptions.DescribeTimeouts(timeout)}");
    }
}
