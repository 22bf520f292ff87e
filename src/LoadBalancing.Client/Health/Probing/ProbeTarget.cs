using System.Globalization;

namespace LoadBalancing.Client.Health.Probing;

/// <summary>Where a backend is asked, and under which name.</summary>
/// <param name="Origin">Scheme, host and port, without a slash at the end.</param>
/// <param name="HostHeader">What to send as Host; <see langword="null"/> for what the URI says.</param>
internal readonly record struct ProbeTarget(string Origin, string? HostHeader)
{
    public static ProbeTarget Of(Backend backend, ActiveHealthCheckOptions options)
    {
        Uri address = backend.Address;
        string port = string.Create(CultureInfo.InvariantCulture, $":{options.Port ?? address.Port}");
        string? name = options.Host ?? backend.HostName;
        bool isDefaultPort = port == (address.Scheme == "https" ? ":443" : ":80");
        return new ProbeTarget(
            $"{address.Scheme}://{HostOf(backend, options)}{port}",
            name is null || isDefaultPort || HasPort(name) ? name : name + port);
    }

    /// <summary>The host as it stands in a URI.</summary>
    private static string HostOf(Backend backend, ActiveHealthCheckOptions options) =>
        options.Address is not { } host ? backend.Address.HostNameType == UriHostNameType.IPv6 ? backend.Address.Host : backend.Address.IdnHost
        : Uri.CheckHostName(host) == UriHostNameType.IPv6 && !host.StartsWith('[') ? $"[{host}]"
        : host;

    private static bool HasPort(string name) => name.LastIndexOf(':') > name.LastIndexOf(']');
}
