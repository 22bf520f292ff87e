using System.Net.Sockets;

namespace LoadBalancing.Client;

/// <summary>Which host <see cref="DnsBackendSource"/> looks up, and what becomes of its addresses. Immutable; compared by value.</summary>
public sealed record DnsOptions
{
    internal const int LowestPort = 1;
    internal const int HighestPort = 65535;

    internal static readonly TimeSpan ShortestInterval = TimeSpan.FromSeconds(1);
    internal static readonly TimeSpan LongestInterval = TimeSpan.FromDays(1);

    /// <summary>The addresses of <paramref name="host"/>, with a port.</summary>
    /// <param name="host">The name to look up.</param>
    /// <param name="port">The port of every backend, from 1 to 65535.</param>
    /// <exception cref="ArgumentException">The host is not a host name, or the port out of range.</exception>
    public DnsOptions(string host, int port)
    {
        Host = host;
        Port = port;
    }

    /// <summary>The name to look up; it also becomes <see cref="Backend.HostName"/> (without a dot at its end), so that virtual hosts and certificates work.</summary>
    /// <exception cref="ArgumentException">The value is not a host name.</exception>
    public string Host
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(Host));
            field = IsHost(value) ? value : throw new ArgumentException($"'{value}' is not a host name.", nameof(Host));
        }
    }

    /// <summary>The port of every backend, from 1 to 65535.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int Port
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, LowestPort, nameof(Port));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, HighestPort, nameof(Port));
            field = value;
        }
    }

    /// <summary><c>http</c>, <c>https</c> or <c>tcp</c>. The default value is <c>http</c>.</summary>
    /// <exception cref="ArgumentException">The value is none of these.</exception>
    public string Scheme
    {
        get;
        init => field = value is "http" or "https" or "tcp" ? value : throw new ArgumentException($"Scheme '{value}' must be http, https or tcp.", nameof(Scheme));
    } = "http";

    /// <summary>
    /// Which addresses to use: <see cref="AddressFamily.InterNetwork"/> (A records), <see cref="AddressFamily.InterNetworkV6"/> (AAAA), or <see cref="AddressFamily.Unspecified"/>
    /// for both, the default value.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is none of these.</exception>
    public AddressFamily AddressFamily
    {
        get;
        init => field = value is AddressFamily.Unspecified or AddressFamily.InterNetwork or AddressFamily.InterNetworkV6
            ? value
            : throw new ArgumentOutOfRangeException(nameof(AddressFamily), value, "The address family must be Unspecified, InterNetwork or InterNetworkV6.");
    } = AddressFamily.Unspecified;

    /// <summary>The time from one lookup to the next, from 1 second to 1 day. The default value is 30 seconds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public TimeSpan RefreshInterval
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, ShortestInterval, nameof(RefreshInterval));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, LongestInterval, nameof(RefreshInterval));
            field = value;
        }
    } = TimeSpan.FromSeconds(30);

    /// <summary>Whether DNS can be asked for this: a name, or an address.</summary>
    internal static bool IsHost(string host) => Uri.CheckHostName(host) is UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6;
}
