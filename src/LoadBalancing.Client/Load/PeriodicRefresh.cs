namespace LoadBalancing.Client.Load;

/// <summary>
/// Refreshes the pickers of one factory, at most once per period: on the thread that reports the first outcome after the period is over. So there is no timer to own and to dispose, nothing runs while nothing
/// is sent, a fake clock or a simulation sees the same at the same time, and picks never wait for it.
/// </summary>
/// <remarks>Whoever moves the due time forward does the work; all others go on. Pickers are held weakly: the balancer decides how long they live.</remarks>
internal sealed class PeriodicRefresh
{
    /// <summary>Pickers that were replaced and not collected yet are refreshed in vain, but not more than these.</summary>
    private const int Capacity = 16;

    private readonly long _period;
    private WeakReference<IRefreshable>[] _targets = [];
    private long _due = long.MinValue;

    /// <param name="timeProvider">The clock.</param>
    /// <param name="period">Above 0.</param>
    public PeriodicRefresh(TimeProvider timeProvider, TimeSpan period) =>
        _period = Math.Max(1, (long)(period.TotalSeconds * timeProvider.TimestampFrequency));

    /// <summary>Begins to refresh something, as long as somebody else holds it. Called under the writers' lock.</summary>
    public void Add(IRefreshable target)
    {
        WeakReference<IRefreshable>[] alive = [.. _targets.Where(candidate => candidate.TryGetTarget(out _)).TakeLast(Capacity - 1)];
        Volatile.Write(ref _targets, [.. alive, new WeakReference<IRefreshable>(target)]);
    }

    /// <summary>Refreshes, if it is time. Costs one read if it is not.</summary>
    public void Tick(long now)
    {
        long due = Volatile.Read(ref _due);
        if (now < due || Interlocked.CompareExchange(ref _due, now + _period, due) != due)
        {
            return;
        }

        foreach (WeakReference<IRefreshable> reference in Volatile.Read(ref _targets))
        {
            if (reference.TryGetTarget(out IRefreshable? target))
            {
                target.Refresh(now);
            }
        }
    }
}
