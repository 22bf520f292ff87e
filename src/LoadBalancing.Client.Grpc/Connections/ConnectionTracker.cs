using System.Collections.Concurrent;
using LoadBalancing.Client.Grpc.Calls;

namespace LoadBalancing.Client.Grpc.Connections;

/// <summary>
/// Knows the connections of one <see cref="SocketsHttpHandler"/>, by the place they lead to, so that they can be closed when nobody uses that place any more: the handler itself would keep them until they have been idle for long.
/// Channels that share the handler share this. Thread safe.
/// </summary>
internal sealed class ConnectionTracker
{
    private const string Key = "LoadBalancing.Client.Grpc.Connections";

    private readonly ConcurrentDictionary<(string Host, int Port), PlaceConnections> _places = new();

    /// <summary>Gives a handler a tracker, unless it has one.</summary>
    /// <exception cref="InvalidOperationException">The handler has no tracker and has sent something already.</exception>
    public static void Attach(SocketsHttpHandler handler)
    {
        lock (handler.Properties)
        {
            if (handler.Properties.ContainsKey(Key))
            {
                return;
            }

            Func<SocketsHttpPlaintextStreamFilterContext, CancellationToken, ValueTask<Stream>>? inner = handler.PlaintextStreamFilter;
            handler.PlaintextStreamFilter = inner is null ? OnConnected : async (context, cancellationToken) =>
            {
                Stream stream = await inner(context, cancellationToken).ConfigureAwait(false);
                Track(context, stream);
                return stream;
            };
            handler.Properties.Add(Key, new ConnectionTracker());
        }
    }

    /// <summary>The tracker of a handler that has one.</summary>
    public static ConnectionTracker? Find(SocketsHttpHandler handler)
    {
        lock (handler.Properties)
        {
            return handler.Properties.TryGetValue(Key, out object? existing) ? (ConnectionTracker?)existing : null;
        }
    }

    /// <summary>The connections to a place, those to come.</summary>
    public PlaceConnections To(string host, int port) => _places.GetOrAdd((host, port), static _ => new PlaceConnections());

    private static ValueTask<Stream> OnConnected(SocketsHttpPlaintextStreamFilterContext context, CancellationToken cancellationToken)
    {
        Track(context, context.PlaintextStream);
        return ValueTask.FromResult(context.PlaintextStream);
    }

    private static void Track(SocketsHttpPlaintextStreamFilterContext context, Stream stream) => BalancedCall.Of(context.InitialRequestMessage)?.Subchannel.Connections.Add(stream);
}
