using System.Collections.Frozen;
using System.Globalization;

namespace LoadBalancing.Client;

/// <summary>
/// One instance that can serve a request, as discovery describes it: an address plus attributes. Immutable; equal when all attributes are, the metadata's content included.
/// </summary>
public sealed record Backend
{
    /// <summary>Describes the backend at <paramref name="address"/>.</summary>
    /// <param name="address">An absolute URI with scheme <c>http</c>, <c>https</c> or <c>tcp</c> and a port (explicit, or the scheme's own). A base path is kept; query, fragment and user information are not allowed.</param>
    /// <exception cref="ArgumentException">The address is none of that.</exception>
    public Backend(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (DescribeAddressError(address) is { } error)
        {
            throw new ArgumentException($"Backend address '{address.OriginalString}' {error}.", nameof(address));
        }

        Address = address;
        Id = DefaultId(address);
    }

    /// <summary>Describes the backend at <paramref name="address"/>, for example <c>http://10.0.0.1:8080</c>.</summary>
    /// <inheritdoc cref="Backend(Uri)"/>
    public Backend(string address)
        : this(ParseAddress(address))
    {
    }

    /// <summary>Where it listens; http, https or tcp. A base path is kept in front of every request's path.</summary>
    public Uri Address { get; }

    /// <summary>
    /// Its identity across updates. The default value is <c>host:port</c> of the address. The same id with a new address is a new instance and starts with fresh state.
    /// </summary>
    /// <exception cref="ArgumentException">The value is empty.</exception>
    public string Id
    {
        get;
        init
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(value, nameof(Id));
            field = value;
        }
    }

    /// <summary>Its share relative to the others: any finite number ≥ 0. The default value is 1; 0 keeps it but sends nothing new.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not finite.</exception>
    public double Weight
    {
        get;
        init => field = double.IsFinite(value) && value >= 0
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Weight), value, "A weight is a finite number, 0 or more.");
    } = 1;

    /// <summary>Its tier: 0 is tried first, higher numbers when lower ones are not healthy enough. The default value is 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int Priority
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(Priority));
            field = value;
        }
    }

    /// <summary>Where it runs. The default value is unknown.</summary>
    public Locality Locality { get; init; }

    /// <summary>The name to send as <c>Host</c> and to check the TLS certificate against. The default value, <see langword="null"/>, means the address itself.</summary>
    /// <exception cref="ArgumentException">The value is neither <c>host</c> nor <c>host:port</c>.</exception>
    public string? HostName
    {
        get;
        init => field = value is null || IsHostName(value)
            ? value
            : throw new ArgumentException($"HostName '{value}' must be a host, or host:port.", nameof(HostName));
    }

    /// <summary>A cap on the attempts in flight from this process; at least 1. The default value, <see langword="null"/>, means no cap.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is below 1.</exception>
    public int? MaxConcurrency
    {
        get;
        init
        {
            if (value is { } cap)
            {
                ArgumentOutOfRangeException.ThrowIfLessThan(cap, 1, nameof(MaxConcurrency));
            }

            field = value;
        }
    }

    /// <summary>Free attributes, for policies and sources of your own. The default value is empty. Copied when it is set; compared by content.</summary>
    public IReadOnlyDictionary<string, string> Metadata
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(Metadata));
            field = value.Count == 0 ? FrozenDictionary<string, string>.Empty : value.ToFrozenDictionary(StringComparer.Ordinal);
        }
    } = FrozenDictionary<string, string>.Empty;

    /// <summary>Whether all attributes are equal, the metadata's content included.</summary>
    public bool Equals(Backend? other) =>
        ReferenceEquals(this, other)
        || (other is not null
            && string.Equals(Id, other.Id, StringComparison.Ordinal)
            && Weight.Equals(other.Weight)
            && Priority == other.Priority
            && MaxConcurrency == other.MaxConcurrency
            && Locality.Equals(other.Locality)
            && string.Equals(HostName, other.HostName, StringComparison.Ordinal)
            && Address.Equals(other.Address)
            && MetadataEquals(other.Metadata));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Id, Weight, Priority, Address);

    /// <summary>The id and, where it says more, the address.</summary>
    public override string ToString() =>
        string.Equals(Id, DefaultId(Address), StringComparison.Ordinal) ? Address.ToString() : $"{Id} ({Address})";

    /// <summary>Says what is wrong with an address, in words that follow it ("must …"), or nothing.</summary>
    internal static string? DescribeAddressError(Uri address)
    {
        if (!address.IsAbsoluteUri || !IsKnownScheme(address.Scheme) || address.Host.Length == 0)
        {
            return "must be an absolute URI such as http://10.0.0.1:8080, with scheme http, https or tcp";
        }

        if (address.Port is <= 0 or > 65535)
        {
            return "must name a port from 1 to 65535";
        }

        return address.Query.Length + address.Fragment.Length + address.UserInfo.Length > 0
            ? "must not have a query, a fragment or user information"
            : null;
    }

    /// <summary>Whether a value is <c>host</c> or <c>host:port</c>, and so can be sent as Host header.</summary>
    internal static bool IsHostName(string value) =>
        Uri.TryCreate($"http://{value}/", UriKind.Absolute, out Uri? uri)
        && uri.AbsolutePath == "/"
        && uri.UserInfo.Length + uri.Query.Length + uri.Fragment.Length == 0
        && value.AsSpan().Trim().Length == value.Length
        && value.AsSpan().IndexOfAny("/\\\r\n") < 0
        && uri.Port > 0;

    private static bool IsKnownScheme(string scheme) => scheme is "http" or "https" or "tcp";

    private static Uri ParseAddress(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return Uri.TryCreate(address, UriKind.Absolute, out Uri? uri)
            ? uri
            : throw new ArgumentException($"Backend address '{address}' must be an absolute URI such as http://10.0.0.1:8080, with scheme http, https or tcp.", nameof(address));
    }

    private static string DefaultId(Uri address) => string.Create(CultureInfo.InvariantCulture, $"{address.Host}:{address.Port}");

    private bool MetadataEquals(IReadOnlyDictionary<string, string> other)
    {
        if (ReferenceEquals(Metadata, other))
        {
            return true;
        }

        if (Metadata.Count != other.Count)
        {
            return false;
        }

        foreach ((string key, string value) in Metadata)
        {
            if (!other.TryGetValue(key, out string? otherValue) || !string.Equals(value, otherValue, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }
}
