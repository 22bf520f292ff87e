using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace LoadBalancing.Client.Testing;

/// <summary>Addresses at which nobody answers.</summary>
public static class UnusedPort
{
    // A socket that is bound but does not listen refuses connects and keeps the port from everyone else: no race. It is
    // held until the process ends.
    private static readonly ConcurrentBag<Socket> Held = [];

    /// <summary>A loopback address, different each time, that refuses every connection.</summary>
    public static Uri Address()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Held.Add(socket);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return new Uri($"http://{socket.LocalEndPoint}/");
    }
}
