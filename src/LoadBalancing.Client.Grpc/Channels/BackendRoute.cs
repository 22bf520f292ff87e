using System.Globalization;

namespace LoadBalancing.Client.Grpc.Channels;

/// <summary>What it takes to send a request to a backend, made once per description.</summary>
internal sealed class BackendRoute
{
    private const int PlainPort = 80;
    private const int SecurePort = 443;

    private readonly string? _prefix;

    /// <param name="description">The backend.</param>
    /// <param name="isSecureChannel">Whether the channel's credentials ask for TLS.</param>
    public BackendRoute(Backend description, bool isSecureChannel)
    {
        Description = description;
        Uri address = description.Address;
        Host = address.IdnHost;
        Port = address.Port;

        // TLS if either side asks for it: a backend must not take it away from a channel that is to be secure.
        bool isSecure = isSecureChannel || address.Scheme == Uri.UriSchemeHttps;
        string port = Port == (isSecure ? SecurePort : PlainPort) ? "" : string.Create(CultureInfo.InvariantCulture, $":{Port}");
        if (description.HostName is { } name)
        {
            HostHeader = HasPort(name) ? name : name + port;
        }

        string basePath = address.AbsolutePath.TrimEnd('/');
        if (isSecure != isSecureChannel || basePath.Length > 0)
        {
            _prefix = $"{(isSecure ? "https" : "http")}://{address.Host}{port}{basePath}";
        }
    }

    public Backend Description { get; }

    /// <summary>Where to connect to: a name, or an address without brackets.</summary>
    public string Host { get; }

    public int Port { get; }

    /// <summary>The Host header and name in TLS; <see langword="null"/> for what the address says.</summary>
    public string? HostHeader { get; }

    /// <summary>Adds what the channel does not know of: the backend's base path, and TLS where the backend asks for it.</summary>
    public Uri Complete(Uri uri) => _prefix is null ? uri : new Uri(_prefix + uri.PathAndQuery);

    /// <summary>Whether a <see cref="Backend.HostName"/> brings a port of its own, which is then what the user wants to be sent.</summary>
    private static bool HasPort(string name) => name.LastIndexOf(':') > name.LastIndexOf(']') && (name[0] == '[' || name.IndexOf(':', StringComparison.Ordinal) == name.LastIndexOf(':'));
}
