using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using LoadBalancing.Client.Backends;

namespace LoadBalancing.Client.Health.Probing;

/// <summary>Asks by <c>grpc.health.v1.Health/Check</c>. Source: the gRPC health checking protocol (grpc/doc/health-checking.md).</summary>
internal sealed class GrpcProbe(ActiveHealthCheckOptions options) : IHealthProbe, IDisposable
{
    private static readonly MediaTypeHeaderValue ContentType = new("application/grpc");

    private readonly HttpMessageInvoker _connections = ProbeConnections.Create(options);
    private readonly byte[] _question = GrpcHealthMessage.Ask(options.GrpcService);
    private readonly string _timeout = string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, (long)options.Timeout.TotalMilliseconds)}m");

    public async ValueTask<ProbeResult> CheckAsync(Backend backend, CancellationToken cancellationToken)
    {
        if (options.FindObstacle(backend) is { } obstacle)
        {
            return ProbeResult.Failed(obstacle, "unsupported_scheme");
        }

        ProbeTarget target = ProbeTarget.Of(backend, options);
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri($"{target.Origin}/grpc.health.v1.Health/Check"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(_question) { Headers = { ContentType = ContentType } },
        };
        request.Headers.Host = target.HostHeader;
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        request.Headers.Add("grpc-timeout", _timeout);
        using HttpResponseMessage response = await _connections.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            string status = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
            return ProbeResult.Failed(status, status);
        }

        // The trailers are there when the body has been read.
        byte[]? answer = await GrpcHealthMessage.ReadAsync(response.Content, cancellationToken).ConfigureAwait(false);
        return StatusOf(response) switch
        {
            null => ProbeResult.Failed("not gRPC", "invalid_response"),
            "0" => GrpcHealthMessage.Judge(answer),
            string status => ProbeResult.Failed($"gRPC status {GrpcStatus.NameOf(status)}", GrpcStatus.NameOf(status)),
        };
    }

    public void Dispose() => _connections.Dispose();

    /// <summary>At the end of the body, or, where there is none, among the headers.</summary>
    private static string? StatusOf(HttpResponseMessage response) =>
        response.TrailingHeaders.TryGetValues("grpc-status", out IEnumerable<string>? values) || response.Headers.TryGetValues("grpc-status", out values) ? values.First() : null;
}
