namespace LoadBalancing.Client.Health.Probing;

/// <summary>Makes the connections of http and grpc probes: their own, so that a probe neither waits for requests nor takes a connection from them.</summary>
internal static class ProbeConnections
{
    /// <summary>Kept from probe to probe, or TLS would cost more than all the rest; but not for long, so that a backend which takes no new connections, or a connection that is lost on the way, is noticed.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    public static HttpMessageInvoker Create(ActiveHealthCheckOptions options)
    {
#pragma warning disable CA2000 // The invoker disposes it.
        SocketsHttpHandler handler = new()
#pragma warning restore CA2000
        {
            ConnectTimeout = options.Timeout,
            PooledConnectionLifetime = Lifetime,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,

            // Probes are nobody's request: no traces.
            ActivityHeadersPropagator = null,
        };
        if (options.SslOptions is { } ssl)
        {
            handler.SslOptions = ssl;
        }

        return new HttpMessageInvoker(handler, disposeHandler: true);
    }
}
