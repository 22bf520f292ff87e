using System.Buffers;
using System.Net.Http.Headers;
using LoadBalancing.Client.Http.Routing;

namespace LoadBalancing.Client.Http.HashKeys;

/// <summary>The first value of a header that is not empty.</summary>
internal sealed class HeaderKey(string name) : HashKeySource
{
    /// <summary>RFC 9110, section 5.6.2: what a header's name is made of.</summary>
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public const string NameRequirement = "must be the name of a header: letters, digits and any of !#$%&'*+-.^_`|~";

    public static bool IsName(string name) => name.Length > 0 && !name.AsSpan().ContainsAnyExcept(TokenCharacters);

    public override ulong? FindHash(HttpRequestMessage request, in RequestTarget target)
    {
        // What a caller calls a header of the request may be one of its content.
        return Hash(FindFirst(request.Headers, name) ?? (request.Content is { } content ? FindFirst(content.Headers, name) : null));
    }

    /// <summary>The first value that is not empty, as it was set: not parsed and not split at commas.</summary>
    public static string? FindFirst(HttpHeaders headers, string name)
    {
        if (headers.NonValidated.TryGetValues(name, out HeaderStringValues values))
        {
            foreach (string value in values)
            {
                if (value.Length > 0)
                {
                    return value;
                }
            }
        }

        return null;
    }
}
