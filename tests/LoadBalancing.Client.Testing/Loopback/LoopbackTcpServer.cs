using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LoadBalancing.Client.Testing;

/// <summary>
/// A raw TCP server on 127.0.0.1, for what no proper server does. A connection is closed when its callback returns; see
/// <see cref="ResetAsync"/> and <see cref="NeverAnswerAsync"/> for two callbacks.
/// </summary>
public sealed class LoopbackTcpServer : IAsyncDisposable
{
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Func<Socket, CancellationToken, Task> _serve;
    private readonly Task _accepting;

    private LoopbackTcpServer(Func<Socket, CancellationToken, Task> serve)
    {
        _serve = serve;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Address = new Uri($"http://{_listener.LocalEndPoint}/");
        _accepting = AcceptAsync();
    }

    /// <summary>For example <c>http://127.0.0.1:34567/</c>.</summary>
    public Uri Address { get; }

    /// <summary>The number of connections accepted so far.</summary>
    public int ConnectionCount => _connections.Count;

    /// <summary>Starts a server that runs <paramref name="serve"/> for every connection; the token ends with the server.</summary>
    public static LoopbackTcpServer Start(Func<Socket, CancellationToken, Task> serve)
    {
        ArgumentNullException.ThrowIfNull(serve);
        return new LoopbackTcpServer(serve);
    }

    /// <summary>Starts a server that reads the head of a request, sends these characters and closes.</summary>
    public static LoopbackTcpServer StartWithResponse(string response) => Start(async (connection, token) =>
    {
        await ReadHeadAsync(connection, token).ConfigureAwait(false);
        await connection.SendAsync(Encoding.Latin1.GetBytes(response), token).ConfigureAwait(false);
        connection.Shutdown(SocketShutdown.Send);
    });

    /// <summary>Sends a RST instead of a FIN, at once.</summary>
    public static Task ResetAsync(Socket connection, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        connection.LingerState = new LingerOption(enable: true, seconds: 0);
        connection.Close();
        return Task.CompletedTask;
    }

    /// <summary>Keeps the connection open and says nothing until the server is disposed.</summary>
    public static Task NeverAnswerAsync(Socket connection, CancellationToken cancellationToken) =>
        Task.Delay(Timeout.Infinite, cancellationToken);

    /// <summary>Reads up to the empty line that ends the head of an HTTP/1 request, or to the end of the stream.</summary>
    public static async Task<string> ReadHeadAsync(Socket connection, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var head = new StringBuilder();
        byte[] next = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal)
            && await connection.ReceiveAsync(next, cancellationToken).ConfigureAwait(false) > 0)
        {
            head.Append((char)next[0]);
        }

        return head.ToString();
    }

    /// <summary>Closes everything. Rethrows what a callback threw, unless it only says that the connection is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
        await Task.WhenAll(_connections).ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket connection = await _listener.AcceptAsync(_stopping.Token).ConfigureAwait(false);
                _connections.Add(ServeAsync(connection));
            }
        }
        catch (Exception end) when (end is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The server was disposed.
        }
    }

    private async Task ServeAsync(Socket connection)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        using (connection)
        {
            try
            {
                await _serve(connection, _stopping.Token).ConfigureAwait(false);
            }
            catch (Exception end) when (end is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                // The client went away, or the server was disposed.
            }
        }
    }
}
