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
                if (TryFind(header, out ReadOnlySpan<char> value))
                {
                    return Hash(value);
                }
            }
        }

        return null;
    }

    private bool TryFind(ReadOnlySpan<char> header, out ReadOnlySpan<char> value)
    {
        foreach (Range range in header.Split(';'))
        {
            ReadOnlySpan<char> pair = header[range].Trim();
            int equals = pair.IndexOf('=');
            if (equals == name.Length && pair.StartsWith(name, StringComparison.Ordinal))
            {
                value = Unquote(pair[(equals + 1)..]);
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>RFC 6265, section 4.1.1, allows quotes around a value; proxies that hash cookies (Envoy) leave them out.</summary>
    private static ReadOnlySpan<char> Unquote(ReadOnlySpan<char> value) => value is ['"', .. var inner, '"'] ? inner : value;
}
