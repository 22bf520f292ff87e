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

    /// <summary>Whether there are connections that nobody wants. Guarded by the lock.</summary>
    private bool IsUnused => _holders == 0 && Volatile.Read(ref _calls) == 0 && _open.Count > 0;

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
        lock (_gate)
        {
            if (!IsUnused)
            {
                return;
            }
        }

        // Elsewhere: to close a stream may call back into the channel, whose lock the caller may hold.
        ThreadPool.UnsafeQueueUserWorkItem(static place => place.CloseUnused(), this, preferLocal: false);
    }

    /// <summary>Closes them one by one, each only if still nobody wants it: the place may be held again since this was asked for, and calls be sent on what is open.</summary>
    private void CloseUnused()
    {
        while (TakeUnused() is { } stream)
        {
            try
            {
                stream.Dispose();
            }
#pragma warning disable CA1031 // The handler's filter may have made the stream. What it throws here would end the process, and leave the others open.
            catch (Exception)
#pragma warning restore CA1031
            {
                // There is nothing more to do for it.
            }
        }
    }

    private Stream? TakeUnused()
    {
        lock (_gate)
        {
            if (!IsUnused)
            {
                return null;
            }

            Stream stream = _open[^1];
            _open.RemoveAt(_open.Count - 1);
            return stream;
        }
    }
}
