namespace LoadBalancing.Client.Grpc.Calls;

/// <summary>
/// The backends that one call was sent to. Retries and hedges of gRPC's own service config are requests that nothing ties to their call, but for the flow of execution that the call has begun: this flows with it. Thread safe.
/// </summary>
internal sealed class TriedBackends
{
    private static readonly AsyncLocal<TriedBackends?> Flowing = new();

    private readonly Lock _gate = new();
    private BackendExclusions _tried;

    /// <summary>Those of the call that runs here, if it was made by a balanced invoker.</summary>
    public static TriedBackends? Current
    {
        get => Flowing.Value;
        set => Flowing.Value = value;
    }

    /// <summary>Lets an empty set flow from here.</summary>
    /// <returns>What did before, to be put back.</returns>
    public static TriedBackends? Begin()
    {
        TriedBackends? before = Current;
        Current = new TriedBackends();
        return before;
    }

    public BackendExclusions All
    {
        get
        {
            lock (_gate)
            {
                return _tried;
            }
        }
    }

    /// <summary>Adds who was chosen.</summary>
    /// <param name="backend">Who was chosen.</param>
    /// <param name="excluded">Who had been tried when the choice was made.</param>
    /// <returns>Whether the choice stands: <see langword="false"/> when another attempt of the call, at the same time, has chosen the same.</returns>
    public bool TryAdd(BackendState backend, in BackendExclusions excluded)
    {
        lock (_gate)
        {
            if (_tried.Contains(backend) && !excluded.Contains(backend))
            {
                return false;
            }

            _tried = _tried.With(backend);
            return true;
        }
    }
}
