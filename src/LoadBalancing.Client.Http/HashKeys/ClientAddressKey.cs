using System.Net;
using LoadBalancing.Client.Http.Routing;

namespace LoadBalancing.Client.Http.HashKeys;

/// <summary>
/// The address of the client on whose behalf the request is made: the one that the application has put into the request's options, or else, if wanted, the first one of X-Forwarded-For.
/// One client has one key, however its address is written.
/// </summary>
internal sealed class ClientAddressKey(bool useForwardedFor) : HashKeySource
{
    public const string AddressRequirement = "must be an IP address, with or without a port";

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
    public static IPAddress? Parse(ReadOnlySpan<char> text) => IPAddress.TryParse(WithoutPort(text), out IPAddress? address) ? address : null;

    private static ulong? HashFirst(ReadOnlySpan<char> forwardedFor)
    {
        int comma = forwardedFor.IndexOf(',');
        ReadOnlySpan<char> text = WithoutPort((comma < 0 ? forwardedFor : forwardedFor[..comma]).Trim(" \t\""));

        // "unknown" and other names say nothing about the client.
        if (!IPAddress.IsValid(text))
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
