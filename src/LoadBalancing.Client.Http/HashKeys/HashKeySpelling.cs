using System.Globalization;

namespace LoadBalancing.Client.Http.HashKeys;

/// <summary>How configuration spells a key: <c>header:X-User</c>.</summary>
internal static class HashKeySpelling
{
    public const string Requirement =
        "must be one of header:<name>, cookie:<name>, query:<name>, path:<segment, from 0>, client-address, client-address:x-forwarded-for";

    public static bool TryParse(string text, out HashKeySource? source)
    {
        source = Split(text) switch
        {
            ("header", { } name) when HeaderKey.IsName(name) => new HeaderKey(name),
            ("cookie", { } name) when CookieKey.IsName(name) => new CookieKey(name),
            ("query", { } name) when QueryKey.IsName(name) => new QueryKey(name),
            ("path", { } number) when int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int index) => new PathSegmentKey(index),
            ("client-address", null) => new ClientAddressKey(useForwardedFor: false),
            ("client-address", { } header) when header.Equals("x-forwarded-for", StringComparison.OrdinalIgnoreCase) => new ClientAddressKey(useForwardedFor: true),
            _ => null,
        };
        return source is not null;
    }

    private static (string Kind, string? Argument) Split(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? (text.ToLowerInvariant(), null) : (text[..colon].ToLowerInvariant(), text[(colon + 1)..]);
    }
}
