namespace LoadBalancing.Client.Health.Probing;

/// <summary>
/// Whether it is known yet how a pool stands that is not trusted before it was asked. The round is over when every backend of the first list was asked once, or is gone. Thread safe.
/// </summary>
internal sealed class FirstRound
{
    private readonly Lock _gate = new();
    private readonly HashSet<BackendMonitor> _awaited = [];
    private TaskCompletionSource? _firstSuccess;
    private int _isPending;

    /// <summary>Called when the round is over, without locks of this object.</summary>
    public Action? OnOver { get; set; }

    /// <summary>Whether the round is not over.</summary>
    public bool IsPending => Volatile.Read(ref _isPending) != 0;

    /// <summary>Completes with the first success, or when the round is over.</summary>
    public Task FirstSuccess => Volatile.Read(ref _firstSuccess)?.Task ?? Task.CompletedTask;

    /// <summary>The pool is not to be trusted before it was asked. Called before it is in use.</summary>
    public void Begin()
    {
        _firstSuccess ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _isPending, 1);
    }

    /// <summary>The list of backends is another one.</summary>
    /// <param name="listed">All.</param>
    /// <param name="joined">Those of them that were in no list before.</param>
    public void Update(IReadOnlySet<BackendMonitor> listed, IEnumerable<BackendMonitor> joined)
    {
        bool isOver;
        lock (_gate)
        {
            if (!IsPending)
            {
                return;
            }

            _awaited.IntersectWith(listed);
            if (_awaited.Count == 0)
            {
                // The first list, or one that has nobody left of it: then nothing is known yet.
                _awaited.UnionWith(joined);
            }

            isOver = _awaited.Count == 0 && listed.Count > 0 && TryEnd();
        }

        Tell(isOver);
    }

    /// <summary>A backend was asked.</summary>
    public void OnAnswer(BackendMonitor monitor, bool isHealthy)
    {
        if (!IsPending)
        {
            return;
        }

        bool isOver;
        lock (_gate)
        {
            isOver = _awaited.Remove(monitor) && _awaited.Count == 0 && TryEnd();
        }

        Tell(isOver);
        if (isHealthy)
        {
            _firstSuccess?.TrySetResult();
        }
    }

    /// <summary>Nothing is to be waited for any more.</summary>
    public void End() => Tell(TryEnd());

    private bool TryEnd() => Interlocked.Exchange(ref _isPending, 0) != 0;

    private void Tell(bool isOver)
    {
        if (isOver)
        {
            OnOver?.Invoke();
            _firstSuccess?.TrySetResult();
        }
    }
}
