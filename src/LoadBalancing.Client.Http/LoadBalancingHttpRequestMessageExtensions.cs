using System.Net;
using LoadBalancing.Client.Http.HashKeys;

namespace LoadBalancing.Client;

/// <summary>Sets what one request says about its balancing.</summary>
public static class LoadBalancingHttpRequestMessageExtensions
{
    /// <summary>Sets <see cref="LoadBalancingRequestOptions.HashKey"/>: hash policies send requests with equal keys to the same backend. Other policies ignore it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="key">What the request belongs to: a user, a session, a cache key. An empty one counts as none: <c>HashOn</c> is asked then.</param>
    /// <returns><paramref name="request"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    public static HttpRequestMessage SetHashKey(this HttpRequestMessage request, string key)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(key);
        request.Options.Set(LoadBalancingRequestOptions.HashKey, key);
        return request;
    }

    /// <summary>Sets <see cref="LoadBalancingRequestOptions.Hash"/>: the final hash, for callers that have one. Wins over a hash key.</summary>
    /// <param name="request">The request.</param>
    /// <param name="hash">The hash, well mixed: tables are indexed with it as it is.</param>
    /// <returns><paramref name="request"/>.</returns>
    public static HttpRequestMessage SetHash(this HttpRequestMessage request, ulong hash)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Options.Set(LoadBalancingRequestOptions.Hash, hash);
        return request;
    }

    /// <summary>Sets <see cref="LoadBalancingRequestOptions.ClientAddress"/>: the address of the client on whose behalf the request is made.</summary>
    /// <param name="request">The request.</param>
    /// <param name="address">The address, for example that of the connection that brought the request which is being served.</param>
    /// <returns><paramref name="request"/>.</returns>
    public static HttpRequestMessage SetClientAddress(this HttpRequestMessage request, IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(address);
        request.Options.Set(LoadBalancingRequestOptions.ClientAddress, address);
        return request;
    }

    /// <summary>Sets <see cref="LoadBalancingRequestOptions.ClientAddress"/>: the address of the client on whose behalf the request is made.</summary>
    /// <param name="request">The request.</param>
    /// <param name="address">The address as text, IPv4 as four decimal numbers without leading zeros. A port after it is left out: <c>203.0.113.7:4711</c>, <c>[2001:db8::1]:4711</c>.</param>
    /// <returns><paramref name="request"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="address"/> is no IP address.</exception>
    public static HttpRequestMessage SetClientAddress(this HttpRequestMessage request, string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return request.SetClientAddress(
            ClientAddressKey.Parse(address) ?? throw new ArgumentException($"Client address '{address}' {ClientAddressKey.AddressRequirement}.", nameof(address)));
    }

    /// <summary>Sets <see cref="LoadBalancingRequestOptions.AttemptTimeout"/>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="timeout">Above 0, at most one day, or <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <returns><paramref name="request"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is none of that.</exception>
    public static HttpRequestMessage SetAttemptTimeout(this HttpRequestMessage request, TimeSpan timeout)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Options.Set(LoadBalancingRequestOptions.AttemptTimeout, HttpBalancingOptions.CheckTimeout("AttemptTimeout", timeout, nameof(timeout)));
        return request;
    }

    /// <summary>Sets <see cref="LoadBalancingRequestOptions.RequestTimeout"/>: how long the request may take in all, retries included.</summary>
    /// <param name="request">The request.</param>
    /// <param name="timeout">Above 0, at most one day, or <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <returns><paramref name="request"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is none of that.</exception>
    public static HttpRequestMessage SetRequestTimeout(this HttpRequestMessage request, TimeSpan timeout)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Options.Set(LoadBalancingRequestOptions.RequestTimeout, HttpBalancingOptions.CheckTimeout("RequestTimeout", timeout, nameof(timeout)));
        return request;
    }

    /// <summary>Sets <see cref="LoadBalancingRequestOptions.Retry"/>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="isAllowed"><see langword="false"/>: it is sent once, whatever happens.</param>
    /// <returns><paramref name="request"/>.</returns>
    public static HttpRequestMessage SetRetry(this HttpRequestMessage request, bool isAllowed)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Options.Set(LoadBalancingRequestOptions.Retry, isAllowed);
        return request;
    }
}
