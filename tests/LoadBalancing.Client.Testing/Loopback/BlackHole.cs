using System.Net;
using System.Net.Sockets;

namespace LoadBalancing.Client.Testing;

/// <summary>An address on 127.0.0.1 where no connect ever ends: a listener whose queue is full, so that the system drops whatever else asks. On Linux.</summary>
public sealed class BlackHole : IDisposable
{
    // A queue holds one more than it is told to; what is on its way to a full one waits as well.
    private const int Fillers = 3;

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _fillers = [];

    private BlackHole()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(backlog: 0);
        Address = new Uri($"http://{_listener.LocalEndPoint}/");
    }

    /// <summary>For example <c>http://127.0.0.1:34567/</c>.</summary>
    public Uri Address { get; }

    /// <summary>Makes one.</summary>
    public static async Task<BlackHole> OpenAsync()
    {
        BlackHole hole = new();
        for (int i = 0; i < Fillers; i++)
        {
            Socket filler = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            hole._fillers.Add(filler);
            Task connecting = filler.ConnectAsync(hole._listener.LocalEndPoint!);
            if (i == 0)
            {
                await connecting.ConfigureAwait(false);
            }
            else
            {
                _ = connecting.ContinueWith(static failed => _ = failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            }
        }

        return hole;
    }

    /// <summary>Refuses connects from now on; another may listen on the port.</summary>
    public void Dispose()
    {
        _listener.Dispose();
        _fillers.ForEach(filler => filler.Dispose());
    }
}
