using System.Net;
using LoadBalancing.Client.Http.HashKeys;

namespace LoadBalancing.Client;

/// <summary>
/// Where the key of a request is, for policies that choose by hash: places that are looked at in the order of these calls; the first that has a value wins, and an empty value counts as none.
/// The hash is the XXH64 of the value's UTF-8 bytes, as <see cref="PickRequest.ForKey(string)"/> computes it. Not thread safe.
/// </summary>
public sealed class HashKeyBuilder
{
    private readonly List<HashKeySource> _sources = [];

    internal HashKeyBuilder()
    {
    }

    internal IReadOnlyCollection<HashKeySource> Sources => _sources;

    /// <summary>The first value that is not empty of a header of the request or of its content, as it was set: neither trimmed nor split at commas.</summary>
    /// <param name="name">The header's name, in any case, for example <c>X-User</c>.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException"><paramref name="name"/> cannot be the name of a header.</exception>
    public HashKeyBuilder Header(string name)
    {
        ThrowIfNot(HeaderKey.IsName, name, HeaderKey.NameRequirement);
        return Add(new HeaderKey(name));
    }

    /// <summary>The first value that is not empty of a cookie in the request's Cookie headers, without the quotes around it if it has any. Cookies that a primary handler's <see cref="CookieContainer"/> adds come too late.</summary>
    /// <param name="name">The cookie's name, in its own case, for example <c>sid</c>.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException"><paramref name="name"/> cannot be the name of a cookie.</exception>
    public HashKeyBuilder Cookie(string name)
    {
        ThrowIfNot(CookieKey.IsName, name, CookieKey.NameRequirement);
        return Add(new CookieKey(name));
    }

    /// <summary>The first value that is not empty of a query parameter. As it is in the URI: <c>a%20b</c> and <c>a+b</c> are two values.</summary>
    /// <param name="name">The parameter's name, as it is in the URI and in its own case, for example <c>id</c>.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException"><paramref name="name"/> cannot be the name of a query parameter.</exception>
    public HashKeyBuilder Query(string name)
    {
        ThrowIfNot(QueryKey.IsName, name, QueryKey.NameRequirement);
        return Add(new QueryKey(name));
    }

    /// <summary>
    /// One segment of the path, as it is in the URI, counted from 0: of <c>/users/42/orders</c>, <c>PathSegment(1)</c> is <c>42</c>. The base path of the client's base address counts, that of a backend does not.
    /// </summary>
    /// <param name="index">Which segment, from 0. A path with fewer segments has no key.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is negative.</exception>
    public HashKeyBuilder PathSegment(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return Add(new PathSegmentKey(index));
    }

    /// <summary>
    /// The address of the client on whose behalf the request is made: what the application has set with <see cref="LoadBalancingHttpRequestMessageExtensions.SetClientAddress(HttpRequestMessage, IPAddress)"/>.
    /// All spellings of an address are one key, and so are an IPv4 address and the IPv6 address that stands for it.
    /// </summary>
    /// <param name="useForwardedFor">
    /// Whether a request without one has the first address of its <c>X-Forwarded-For</c> header, its port aside. Whoever can set that header can choose a backend. The default value is <see langword="false"/>.
    /// </param>
    /// <returns>This builder.</returns>
    public HashKeyBuilder ClientAddress(bool useForwardedFor = false) => Add(new ClientAddressKey(useForwardedFor));

    /// <summary>Whatever a function reads from the request.</summary>
    /// <param name="select">Gets the request as the caller made it, for each request that has no key in the places before; returns the key, or <see langword="null"/> when there is none.
    /// Called by many threads at once. What it throws reaches the caller of the request.</param>
    /// <returns>This builder.</returns>
    public HashKeyBuilder Custom(Func<HttpRequestMessage, string?> select)
    {
        ArgumentNullException.ThrowIfNull(select);
        return Add(new CustomKey(select));
    }

    internal HashKeyBuilder Add(HashKeySource source)
    {
        _sources.Add(source);
        return this;
    }

    private static void ThrowIfNot(Func<string, bool> isName, string name, string requirement)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!isName(name))
        {
            throw new ArgumentException($"'{name}': {requirement}.", nameof(name));
        }
    }
}
