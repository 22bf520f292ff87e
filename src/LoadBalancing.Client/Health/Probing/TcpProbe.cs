using System.Net.Sockets;

namespace LoadBalancing.Client.Health.Probing;

/// <summary>Asks for a connection, and closes it.</summary>
internal sealed class TcpProbe(ActiveHealthCheckOptions options) : IHealthProbe
{
    public async ValueTask<ProbeResult> CheckAsync(Backend backend, CancellationToken cancellationToken)
    {
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(options.Address?.Trim('[', ']') ?? backend.Address.IdnHost, options.Port ?? backend.Address.Port, cancellationToken).ConfigureAwait(false);
        return ProbeResult.Healthy;
    }
}
