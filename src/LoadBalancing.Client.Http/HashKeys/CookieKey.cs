using System.Net.Http.Headers;
using LoadBalancing.Client.Http.Routing;

namespace LoadBalancing.Client.Http.HashKeys;

/// <summary>The value of a cookie that the request carries in its own Cookie headers; a cookie container below adds its cookies later.</summary>
internal sealed class CookieKey(string name) : HashKeySource
{
    public const string NameRequirement = "must be the name of a cookie: no '=', ';', ',', quote, space or control character";

    public static bool IsName(string name) =>
        name.Length > 0 && !name.Any(static character => character is '=' or ';' or ',' or '"' || char.IsWhiteSpace(character) || char.IsControl(character));

    public override ulong? FindHash(HttpRequestMessage request, in RequestTarget target)
    {
        if (request.Headers.NonValidated.TryGetValues("Cookie", out HeaderStringValues headers))
        {
            foreach (string header in headers)
            {
                if (Hash(Find(header)) is { } hash)
                {
                    return hash;
                }
            }
        }

        return null;
    }

    /// <summary>The first value that is not empty.</summary>
    private ReadOnlySpan<char> Find(ReadOnlySpan<char> header)
    {
        foreach (Range range in header.Split(';'))
        {
            ReadOnlySpan<char> pair = header[range].Trim();
            int equals = pair.IndexOf('=');
            if (equals == name.Length && pair.StartsWith(name, StringComparison.Ordinal) && Unquote(pair[(equals + 1)..]) is { IsEmpty: false } value)
            {
                return value;
            }
        }

        return default;
    }

    /// <summary>RFC 6265, section 4.1.1, allows quotes around a value; proxies that hash cookies (Envoy) leave them out.</summary>
    private static ReadOnlySpan<char> Unquote(ReadOnlySpan<char> value) => value is ['"', .. var inner, '"'] ? inner : value;
}
