using System.Net;
using LoadBalancing.Client.Http.Routing;

namespace LoadBalancing.Client.Http.HashKeys;

/// <summary>
/// The address of the client on whose behalf the request is made: the one that the application has put into the request's options, or else, if wanted, the first one of X-Forwarded-For.
/// One client has one key, however its address is written.
/// </summary>
internal sealed class ClientAddressKey(bool useForwardedFor) : HashKeySource
{
    public const string AddressRequirement = "must be an IP address, with or without a port (IPv4 as four decimal numbers without leading zeros)";

    private const int LongestText = 65; // IPv6 with an embedded IPv4 address and a scope.

    public override ulong? FindHash(HttpRequestMessage request, in RequestTarget target)
    {
        if (LoadBalancingRequestOptions.FindClientAddress(request) is { } address)
        {
            return Hash(address);
        }

        return useForwardedFor && HeaderKey.FindFirst(request.Headers, "X-Forwarded-For") is { } forwardedFor
            ? HashFirst(forwardedFor)
            : null;
    }

    /// <summary>Reads an address that may have a port, and around IPv6 brackets.</summary>
    public static IPAddress? Parse(ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> address = WithoutPort(text);
        return IsAddress(address) ? IPAddress.Parse(address) : null;
    }

    private static ulong? HashFirst(ReadOnlySpan<char> forwardedFor)
    {
        int comma = forwardedFor.IndexOf(',');
        ReadOnlySpan<char> text = WithoutPort((comma < 0 ? forwardedFor : forwardedFor[..comma]).Trim(" \t\""));

        // "unknown" and other names say nothing about the client.
        if (!IsAddress(text))
        {
            return null;
        }

        // An IPv4 address has one spelling, an IPv6 address many.
        return text.Contains(':') ? Hash(IPAddress.Parse(text)) : Hash(text);
    }

    /// <summary>The hash of the address as text; of an IPv4 address in IPv6 clothes, as a socket of both families gives, the same as without.</summary>
    private static ulong? Hash(IPAddress address)
    {
        const string mapped = "::ffff:";
        Span<char> buffer = stackalloc char[LongestText];
        bool fits = address.TryFormat(buffer, out int length);
        ReadOnlySpan<char> text = fits ? buffer[..length] : address.ToString();
        return Hash(address.IsIPv4MappedToIPv6 ? text[mapped.Length..] : text);
    }

    /// <summary>
    /// Whether this is an address for everybody. .NET takes <c>7</c> for 0.0.0.7, as C programs once did, and <c>010.0.0.1</c> for 8.0.0.1, which others take for 10.0.0.1 (RFC 6943, section 3.1.1): such texts name no client.
    /// </summary>
    private static bool IsAddress(ReadOnlySpan<char> text) => IPAddress.IsValid(text) && (text.Contains(':') || IsDottedDecimal(text));

    /// <summary>RFC 3986, section 3.2.2, of what is an IPv4 address in some spelling: four parts, none with a zero in front, which octal and hexadecimal parts have.</summary>
    private static bool IsDottedDecimal(ReadOnlySpan<char> address)
    {
        foreach (Range part in address.Split('.'))
        {
            if (address[part] is ['0', _, ..])
            {
                return false;
            }
        }

        return address.Count('.') == 3;
    }

    private static ReadOnlySpan<char> WithoutPort(ReadOnlySpan<char> text)
    {
        if (text is ['[', ..])
        {
            int bracket = text.IndexOf(']');
            return bracket < 0 ? text : text[1..bracket];
        }

        int colon = text.IndexOf(':');
        return colon >= 0 && colon == text.LastIndexOf(':') ? text[..colon] : text;
    }
}
