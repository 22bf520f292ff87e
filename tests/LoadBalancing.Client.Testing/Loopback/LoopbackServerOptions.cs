using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace LoadBalancing.Client.Testing;

/// <summary>How a <see cref="LoopbackServer"/> listens.</summary>
public sealed class LoopbackServerOptions
{
    /// <summary>
    /// The default value is <see cref="HttpProtocols.Http1"/>. <see cref="HttpProtocols.Http2"/> without a certificate is
    /// HTTP/2 with prior knowledge; <see cref="HttpProtocols.Http1AndHttp2"/> needs a certificate.
    /// </summary>
    public HttpProtocols Protocols { get; init; } = HttpProtocols.Http1;

    /// <summary>Turns TLS on. The default value is null.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Where it listens. The default value is 127.0.0.1. Linux has all of 127.0.0.0/8: a server on <see cref="IPAddress.Any"/> has as many addresses as a test likes.</summary>
    public IPAddress Interface { get; init; } = IPAddress.Loopback;

    /// <summary>The port; 0, the default value, takes any free one. A port of a stopped server brings it "back".</summary>
    public int Port { get; init; }
}
