using System.Globalization;
using LoadBalancing.Client.Backends;

namespace LoadBalancing.Client.Http.Routing;

/// <summary>What rewriting a request to one backend needs, made once per description of the backend.</summary>
internal sealed class BackendRoute
{
    private static readonly BackendSlot<BackendRoute> Slot = new();

    private readonly Backend _description;
    private readonly Leg _plain;
    private readonly Leg _secure;

    private BackendRoute(Backend description)
    {
        _description = description;
        _plain = new Leg(description, "http", 80);
        _secure = new Leg(description, "https", 443);
    }

    public static BackendRoute Of(BackendState backend)
    {
        Backend description = backend.Description;
        BackendRoute? route = Slot.Get(backend);
        if (route is null || !ReferenceEquals(route._description, description))
        {
            // Several threads may do this at once: they make equals, and the last one stays.
            Slot.Set(backend, route = new BackendRoute(description));
        }

        return route;
    }

    /// <summary>The way to the backend for a request to <paramref name="original"/>: the backend's scheme, or the request's own when the backend leaves it open (<c>tcp</c>).</summary>
    public Leg For(Uri original) => _description.Address.Scheme switch
    {
        "https" => _secure,
        "http" => _plain,
        _ => original.Scheme is "https" or "wss" ? _secure : _plain,
    };

    /// <summary>The way by one scheme.</summary>
    internal sealed class Leg
    {
        public Leg(Backend description, string scheme, int defaultPort)
        {
            Uri address = description.Address;
            string port = address.Port == defaultPort ? "" : string.Create(CultureInfo.InvariantCulture, $":{address.Port}");
            Prefix = $"{scheme}://{Authority.HostOf(address)}{port}{address.AbsolutePath.TrimEnd('/')}";
            if (description.HostName is { Length: > 0 } name)
            {
                // A name that brings a port of its own is what the user wants to be sent.
                Host = Authority.TryParse(name) is { Port: not null } ? name : name + port;
            }
        }

        /// <summary>Everything in front of the request's own path: scheme, host, port, base path without a slash at the end.</summary>
        public string Prefix { get; }

        /// <summary>The Host header, or <see langword="null"/> to send what the URI says.</summary>
        public string? Host { get; }
    }
}
