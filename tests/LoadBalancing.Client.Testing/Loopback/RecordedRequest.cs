using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace LoadBalancing.Client.Testing;

/// <summary>What a <see cref="LoopbackServer"/> saw of a request, exactly as it was on the wire.</summary>
/// <param name="Method">The method, for example <c>GET</c>.</param>
/// <param name="RawTarget">The request target, not decoded and not normalised.</param>
/// <param name="Host">The Host header or <c>:authority</c>.</param>
/// <param name="Protocol"><c>HTTP/1.1</c> or <c>HTTP/2</c>.</param>
/// <param name="TlsServerName">The name in the TLS client hello; null without TLS or when it carried none.</param>
/// <param name="ConnectionId">Tells connections apart.</param>
public sealed record RecordedRequest(
    string Method,
    string RawTarget,
    string Host,
    string Protocol,
    string? TlsServerName,
    string ConnectionId)
{
    internal static RecordedRequest From(HttpContext context) => new(
        context.Request.Method,
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
        context.Request.Host.Value ?? "",
        context.Request.Protocol,
        context.Features.Get<ITlsHandshakeFeature>()?.HostName is { Length: > 0 } name ? name : null,
        context.Connection.Id);
}
