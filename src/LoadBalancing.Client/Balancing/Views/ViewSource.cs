namespace LoadBalancing.Client.Balancing.Views;

/// <summary>
/// Makes the views of one owner, one after the other, and tells it when there is reason for the next: the balancer's snapshot has changed, or discovery has given its first answer. Thread safe. Dispose it with its owner: the balancer
/// holds it until then.
/// </summary>
/// <remarks>
/// The owner is told on a thread of the pool, with no lock held and never in the middle of somebody's request. Changes that come together are told once; it is never told twice at the same time; and after the last change it is told at
/// least once: <c>_untold</c> counts changes, who raises it from 0 queues the telling, and who tells goes on until it has taken off all it has seen.
/// </remarks>
internal sealed class ViewSource : IThreadPoolWorkItem, IDisposable
{
    private readonly Balancer _balancer;
    private readonly ViewSources _owner;
    private readonly Action _whenChanged;

    /// <summary>Stands for the owner where policies and their refreshes keep apart what belongs to whom; it must not be what keeps the owner alive.</summary>
    private readonly object _viewer = new();
    private int _untold;
    private bool _isDisposed;

    public ViewSource(Balancer balancer, ViewSources owner, Action whenChanged)
    {
        _balancer = balancer;
        _owner = owner;
        _whenChanged = whenChanged;
    }

    /// <summary>
    /// Builds a view from the balancer's latest snapshot. Costs about what the snapshot has cost, and waits while a snapshot is built. Calls nobody but the policy, so it may be called under a lock of the owner; the owner must not
    /// hold one that a policy takes.
    /// </summary>
    /// <param name="readiness">How the owner can reach each backend; those that are missing are pending. Only read until this returns.</param>
    /// <exception cref="ObjectDisposedException">The balancer is disposed.</exception>
    public BalancerView CreateView(IReadOnlyDictionary<BackendState, Readiness> readiness)
    {
        ArgumentNullException.ThrowIfNull(readiness);
        return _balancer.BuildView(_viewer, readiness);
    }

    /// <summary>Has the owner told, soon. Called under the writers' lock.</summary>
    public void Tell()
    {
        if (Interlocked.Increment(ref _untold) == 1)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>No telling begins after this.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _isDisposed, true);
        _owner.Remove(this);
    }

    void IThreadPoolWorkItem.Execute()
    {
        int told;
        do
        {
            told = Volatile.Read(ref _untold);
            if (!Volatile.Read(ref _isDisposed))
            {
                _balancer.RunGuarded(_whenChanged, nameof(ViewSource));
            }
        }
        while (Interlocked.Add(ref _untold, -told) != 0);
    }
}
