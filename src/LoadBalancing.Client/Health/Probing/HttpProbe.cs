using System.Globalization;
using System.Net;

namespace LoadBalancing.Client.Health.Probing;

/// <summary>Asks by a GET request.</summary>
internal sealed class HttpProbe : IHealthProbe, IDisposable
{
    private readonly ActiveHealthCheckOptions _options;
    private readonly HttpMessageInvoker _connections;
    private readonly StatusRanges _expected;

    public HttpProbe(ActiveHealthCheckOptions options)
    {
        _options = options;
        _connections = ProbeConnections.Create(options);
        _expected = StatusRanges.TryParse(options.ExpectedStatuses, out StatusRanges? expected) ? expected! : throw new ArgumentException("The statuses were to be checked before.", nameof(options));
    }

    public async ValueTask<ProbeResult> CheckAsync(Backend backend, CancellationToken cancellationToken)
    {
        if (_options.FindObstacle(backend) is { } obstacle)
        {
            return ProbeResult.Failed(obstacle, "unsupported_scheme");
        }

        ProbeTarget target = ProbeTarget.Of(backend, _options);
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri($"{target.Origin}{backend.Address.AbsolutePath.TrimEnd('/')}{_options.Path}"))
        {
            // Over TLS, whatever the backend speaks.
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrHigher,
        };
        request.Headers.Host = target.HostHeader;
        using HttpResponseMessage response = await _connections.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (!_expected.Contains((int)response.StatusCode))
        {
            string status = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
            return ProbeResult.Failed(status, status);
        }

        return _options.ResponsePredicate is { } accepts && !await accepts(response, cancellationToken).ConfigureAwait(false)
            ? ProbeResult.Failed("its answer was not accepted", "not_accepted")
            : ProbeResult.Healthy;
    }

    public void Dispose() => _connections.Dispose();
}
