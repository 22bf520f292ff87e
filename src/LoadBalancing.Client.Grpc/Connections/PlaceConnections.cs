namespace LoadBalancing.Client.Grpc.Connections;

/// <summary>
/// The connections to one host and port: who wants them, how many calls use them, and the connections themselves. When nobody wants them and no call uses them, they are closed. Thread safe.
/// </summary>
/// <remarks>A call counts itself in first and asks afterwards whether it may be sent; who lets go of the place forbids new calls first and looks at the count afterwards. So of both, one sees the other.</remarks>
internal sealed class PlaceConnections
{
    private readonly Lock _gate = new();
    private readonly List<Stream> _open = [];
    private int _holders;
    private int _calls;

    /// <summary>Somebody wants to call there.</summary>
    public void Hold()
    {
        lock (_gate)
        {
            _holders++;
        }
    }

    /// <summary>Somebody no longer does.</summary>
    public void LetGo()
    {
        lock (_gate)
        {
            _holders--;
        }

        CloseIfUnused();
    }

    public void BeginCall() => Interlocked.Increment(ref _calls);

    public void EndCall()
    {
        if (Interlocked.Decrement(ref _calls) == 0 && Volatile.Read(ref _holders) == 0)
        {
            CloseIfUnused();
        }
    }

    /// <summary>A connection was made.</summary>
    public void Add(Stream connection)
    {
        lock (_gate)
        {
            // Those that have ended were closed by the handler.
            _open.RemoveAll(static stream => !stream.CanRead);
            _open.Add(connection);
        }

        // It may have been made for a call that was given up meanwhile.
        CloseIfUnused();
    }

    private void CloseIfUnused()
    {
        Stream[] unused;
        lock (_gate)
        {
            if (_holders > 0 || Volatile.Read(ref _calls) > 0 || _open.Count == 0)
            {
                return;
            }

            unused = [.. _open];
            _open.Clear();
        }

        // Elsewhere: to close a stream may call back into the channel, whose lock the caller may hold.
        ThreadPool.UnsafeQueueUserWorkItem(static streams => Array.ForEach(streams, stream => stream.Dispose()), unused, preferLocal: false);
    }
}
