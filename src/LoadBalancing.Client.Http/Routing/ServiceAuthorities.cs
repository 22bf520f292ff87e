using System.Buffers;

namespace LoadBalancing.Client.Http.Routing;

/// <summary>The path and query of a request, byte for byte as they go on the wire: a part of a string that exists anyway.</summary>
internal readonly record struct RequestTarget(string Text, int Start)
{
    public ReadOnlySpan<char> Span => Text.AsSpan(Start);
}

/// <summary>
/// Which requests are the service's: those whose authority is one of a few. All others pass through untouched.
/// </summary>
/// <remarks>
/// Asking a <see cref="Uri"/> for its parts makes it parse itself, about 200 bytes. Mostly the text alone tells: it begins with a known scheme and authority, and what follows
/// holds no character that <see cref="Uri"/> would touch, so it is the path and query. Otherwise <see cref="Uri"/> is asked.
/// </remarks>
internal sealed class ServiceAuthorities
{
    /// <summary>What stays as it is in a path and in a query: no <c>%</c> (<c>%41</c> becomes <c>A</c>), no <c>#</c>, no backslash, nothing that is escaped.</summary>
    private static readonly SearchValues<char> Untouched =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/?");

    private readonly Authority[] _authorities;
    private readonly string[] _prefixes;

    public ServiceAuthorities(IEnumerable<Authority> authorities)
    {
        _authorities = [.. authorities.Distinct()];
        _prefixes = [.. _authorities.SelectMany(static authority => new[] { $"http://{authority}/", $"https://{authority}/" })];
    }

    /// <summary>Whether <paramref name="uri"/>, which is absolute, is to be balanced.</summary>
    public bool TryMatch(Uri uri, out RequestTarget target)
    {
        string text = uri.OriginalString;
        foreach (string prefix in _prefixes)
        {
            // Written as it is named, nearly always: the exact comparison is the faster one.
            if (text.StartsWith(prefix, StringComparison.Ordinal) || text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                int start = prefix.Length - 1;
                target = IsUntouched(text.AsSpan(start)) ? new RequestTarget(text, start) : new RequestTarget(uri.PathAndQuery, 0);
                return true;
            }
        }

        return TryMatchParsed(uri, out target);
    }

    /// <summary>Whether <see cref="Uri"/> leaves this path and query as it is; "/." may begin a dot segment, which it removes.</summary>
    private static bool IsUntouched(ReadOnlySpan<char> pathAndQuery) =>
        !pathAndQuery.ContainsAnyExcept(Untouched) && !(pathAndQuery.Contains('.') && pathAndQuery.Contains("/.", StringComparison.Ordinal));

    private bool TryMatchParsed(Uri uri, out RequestTarget target)
    {
        if (uri.Scheme is "http" or "https" or "ws" or "wss")
        {
            foreach (Authority authority in _authorities)
            {
                if (authority.Matches(uri))
                {
                    target = new RequestTarget(uri.PathAndQuery, 0);
                    return true;
                }
            }
        }

        target = default;
        return false;
    }
}
