using LoadBalancing.Client.Http.Routing;

namespace LoadBalancing.Client.Http.HashKeys;

/// <summary>The first value of a query parameter that is not empty, as it is in the URI: not decoded.</summary>
internal sealed class QueryKey(string name) : HashKeySource
{
    public const string NameRequirement = "must be the name of a query parameter as it is in the URI: no '=', '&', '#', space or control character";

    public static bool IsName(string name) =>
        name.Length > 0 && !name.Any(static character => character is '=' or '&' or '#' || char.IsWhiteSpace(character) || char.IsControl(character));

    public override ulong? FindHash(HttpRequestMessage request, in RequestTarget target)
    {
        ReadOnlySpan<char> text = target.Span;
        ReadOnlySpan<char> query = text[(text.IndexOf('?') + 1)..];
        if (query.Length == text.Length)
        {
            return null;
        }

        foreach (Range range in query.Split('&'))
        {
            ReadOnlySpan<char> pair = query[range];
            if (pair.StartsWith(name, StringComparison.Ordinal) && pair[name.Length..] is ['=', _, ..] rest)
            {
                return Hash(rest[1..]);
            }
        }

        return null;
    }
}
