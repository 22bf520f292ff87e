using System.Net;

namespace LoadBalancing.Client;

/// <summary>
/// What one request can say about its balancing: keys for <see cref="HttpRequestMessage.Options"/>. The methods of <see cref="LoadBalancingHttpRequestMessageExtensions"/> set the same values.
/// Thread safe.
/// </summary>
/// <remarks>
/// Looking into the options of a request that has none makes them, about 100 bytes. So the handler looks for a value only once its key has been asked for, here, by anyone in the process.
/// </remarks>
public static class LoadBalancingRequestOptions
{
    private static readonly HttpRequestOptionsKey<string> HashKeyKey = new("LoadBalancing.Client.HashKey");
    private static readonly HttpRequestOptionsKey<ulong> HashOptionKey = new("LoadBalancing.Client.Hash");
    private static readonly HttpRequestOptionsKey<IPAddress> ClientAddressKey = new("LoadBalancing.Client.ClientAddress");
    private static readonly HttpRequestOptionsKey<TimeSpan> AttemptTimeoutKey = new("LoadBalancing.Client.AttemptTimeout");

    /// <summary>What the request belongs to (a user, a session, a cache key): hash policies send equal keys to the same backend. An empty text counts as none. Other policies ignore it.</summary>
    public static HttpRequestOptionsKey<string> HashKey => Use(HashKeyKey);

    /// <summary>As <see cref="HashKey"/>, but the final hash itself (<see cref="PickRequest.Hash"/>), for callers that have one. Wins over <see cref="HashKey"/>.</summary>
    public static HttpRequestOptionsKey<ulong> Hash => Use(HashOptionKey);

    /// <summary>The address of the client on whose behalf the request is made, for <see cref="HashKeyBuilder.ClientAddress"/> and the policy <c>ip_hash</c>; others ignore it.</summary>
    public static HttpRequestOptionsKey<IPAddress> ClientAddress => Use(ClientAddressKey);

    /// <summary>How long each attempt of this request may take to its response headers, in place of <see cref="HttpBalancingOptions.AttemptTimeout"/> and with the same range. For gRPC requests too.</summary>
    public static HttpRequestOptionsKey<TimeSpan> AttemptTimeout => Use(AttemptTimeoutKey);

    /// <summary>Whether any request of this process can have one of these options. A key is asked for before the request that carries it is sent, so a plain read sees it.</summary>
    internal static bool AreInUse { get; set; }

    internal static PickRequest CreatePick(HttpRequestMessage request)
    {
        if (!AreInUse)
        {
            return default;
        }

        HttpRequestOptions options = request.Options;
        if (options.TryGetValue(HashOptionKey, out ulong hash))
        {
            return new PickRequest { Hash = hash };
        }

        return options.TryGetValue(HashKeyKey, out string? key) && !string.IsNullOrEmpty(key) ? PickRequest.ForKey(key) : default;
    }

    /// <summary>The address of the request's client, if the application has said it.</summary>
    internal static IPAddress? FindClientAddress(HttpRequestMessage request) =>
        AreInUse && request.Options.TryGetValue(ClientAddressKey, out IPAddress? address) ? address : null;

    /// <summary>The request's own attempt timeout, if it has one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
    internal static TimeSpan? FindAttemptTimeout(HttpRequestMessage request)
    {
        if (!AreInUse || !request.Options.TryGetValue(AttemptTimeoutKey, out TimeSpan timeout))
        {
            return null;
        }

        return HttpBalancingOptions.IsTimeout(timeout)
            ? timeout
            : throw new ArgumentOutOfRangeException(nameof(request), timeout, $"Request option {AttemptTimeoutKey.Key}: {HttpBalancingOptions.DescribeTimeouts(timeout)}");
    }

    private static HttpRequestOptionsKey<T> Use<T>(HttpRequestOptionsKey<T> key)
    {
        // Written once: all requests read it.
        if (!AreInUse)
        {
            AreInUse = true;
        }

        return key;
    }
}
