using System.Globalization;

namespace LoadBalancing.Client.Http.Routing;

/// <summary>A host, and a port unless it is the default of whatever scheme the request has.</summary>
internal readonly record struct Authority(string Host, int? Port)
{
    /// <summary>The authority of an absolute URI.</summary>
    public static Authority Of(Uri uri) => new(HostOf(uri), uri.IsDefaultPort ? null : uri.Port);

    /// <exception cref="ArgumentException">It is neither <c>host</c> nor <c>host:port</c>.</exception>
    public static Authority Parse(string authority)
    {
        ArgumentNullException.ThrowIfNull(authority);
        return TryParse(authority) ?? throw new ArgumentException($"Authority '{authority}' must be a host or host:port, such as orders or orders.example.com:8443.", nameof(authority));
    }

    public static Authority? TryParse(string authority)
    {
        // No scheme of ours has this default port, so what the URI says is what was written.
        if (!Uri.TryCreate($"tcp://{authority}/", UriKind.Absolute, out Uri? uri)
            || uri.Host.Length == 0
            || uri.UserInfo.Length != 0
            || uri.PathAndQuery != "/"
            || uri.Fragment.Length != 0)
        {
            return null;
        }

        // "http" knows what a host is: it refuses or rewrites what no request could name.
        string host = HostOf(uri);
        return Uri.TryCreate($"http://{host}/", UriKind.Absolute, out Uri? web) && HostOf(web).Equals(host, StringComparison.OrdinalIgnoreCase)
            ? new Authority(host, uri.Port < 0 ? null : uri.Port)
            : null;
    }

    public bool Matches(Uri uri) =>
        (Port is { } port ? uri.Port == port : uri.IsDefaultPort) && HostOf(uri).Equals(Host, StringComparison.OrdinalIgnoreCase);

    public override string ToString() => Port is { } port ? string.Create(CultureInfo.InvariantCulture, $"{Host}:{port}") : Host;

    /// <summary>The host as it goes on the wire: punycode, and brackets around IPv6.</summary>
    internal static string HostOf(Uri uri) => uri.HostNameType == UriHostNameType.IPv6 ? $"[{uri.IdnHost}]" : uri.IdnHost;
}
