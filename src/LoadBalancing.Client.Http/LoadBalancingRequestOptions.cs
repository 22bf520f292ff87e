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

    /// <summary>How long the request may take in all, in place of <see cref="HttpBalancingOptions.RequestTimeout"/> and with the same range. For gRPC requests too.</summary>
    public static HttpRequestOptionsKey<TimeSpan> RequestTimeout { get; } = new("LoadBalancing.Client.RequestTimeout");

    /// <summary><see langword="false"/>: this request is sent once, whatever happens. Otherwise the options of the balancer say what is sent again (<see cref="HttpBalancingOptions.Retry"/>).</summary>
    public static HttpRequestOptionsKey<bool> Retry { get; } = new("LoadBalancing.Client.Retry");

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
    internal static TimeSpan? FindAttemptTimeout(HttpRequestMessage request) => FindTimeout(request, AttemptTimeout, nameof(AttemptTimeout));

    /// <summary>The request's own time in all, if it has one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
    internal static TimeSpan? FindRequestTimeout(HttpRequestMessage request) => FindTimeout(request, RequestTimeout, nameof(RequestTimeout));

    /// <summary>Whether the request may be sent again, as far as it says so itself.</summary>
    internal static bool AllowsRetry(HttpRequestMessage request) =>
        ExistingOptions.Of(request) is not { } options || !options.TryGetValue(Retry, out bool isAllowed) || isAllowed;

    private static TimeSpan? FindTimeout(HttpRequestMessage request, HttpRequestOptionsKey<TimeSpan> key, string name)
    {
        if (ExistingOptions.Of(request) is not { } options || !options.TryGetValue(key, out TimeSpan timeout))
        {
            return null;
        }

        return HttpBalancingOptions.IsTimeout(timeout)
            ? timeout
            : throw new ArgumentOutOfRangeException(nameof(request), timeout, $"Request option {key.Key}: {HttpBalancingOptions.DescribeTimeouts(name, timeout)}");
    }
}
