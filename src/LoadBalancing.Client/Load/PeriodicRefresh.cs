namespace LoadBalancing.Client.Load;

/// <summary>
/// Refreshes the pickers of one factory, at most once per period: on the thread that reports the first outcome after the period is over. So there is no timer to own and to dispose, nothing runs while nothing
/// is sent, a fake clock or a simulation sees the same at the same time, and picks never wait for it.
/// </summary>
/// <remarks>
/// Whoever moves the due time forward does the work; all others go on. Pickers are held weakly: the balancer decides how long they live. The last one of each pool is refreshed, however many pools there are,
/// and so is the last one of everybody who sees a part of it; and the last few that others have followed: one may still be in use.
/// </remarks>
internal sealed class PeriodicRefresh
{
    /// <summary>Pickers that were replaced and not collected yet are refreshed in vain, but not more than these.</summary>
    private const int MostFollowed = 16;

    private readonly long _period;
    private Target[] _latest = [];
    private Target[] _followed = [];
    private Target[] _all = [];
    private long _due = long.MinValue;

    /// <param name="timeProvider">The clock.</param>
    /// <param name="period">Above 0.</param>
    public PeriodicRefresh(TimeProvider timeProvider, TimeSpan period) =>
        _period = Math.Max(1, (long)(period.TotalSeconds * timeProvider.TimestampFrequency));

    /// <summary>Begins to refresh something, as long as somebody else holds it. Called under the writers' lock.</summary>
    /// <param name="pool">The pool that it belongs to.</param>
    /// <param name="target">What to refresh.</param>
    /// <param name="viewer">Who sees only a part of the pool; nothing for the balancer itself.</param>
    public void Add(int pool, IRefreshable target, object? viewer = null)
    {
        ILookup<bool, Target> byOwner = _latest.Where(candidate => candidate.IsAlive).ToLookup(candidate => candidate.Pool == pool && ReferenceEquals(candidate.Viewer, viewer));
        _latest = [.. byOwner[false], new Target(pool, viewer, new WeakReference<IRefreshable>(target))];
        _followed = [.. _followed.Where(candidate => candidate.IsAlive).Concat(byOwner[true]).TakeLast(MostFollowed)];
        Volatile.Write(ref _all, [.. _followed, .. _latest]);
    }

    /// <summary>Refreshes, if it is time. Costs one read if it is not.</summary>
    public void Tick(long now)
    {
        long due = Volatile.Read(ref _due);
        if (now < due || Interlocked.CompareExchange(ref _due, now + _period, due) != due)
        {
            return;
        }

        foreach (Target candidate in Volatile.Read(ref _all))
        {
            if (candidate.Reference.TryGetTarget(out IRefreshable? target))
            {
                target.Refresh(now);
            }
        }
    }

    private sealed record Target(int Pool, object? Viewer, WeakReference<IRefreshable> Reference)
    {
        public bool IsAlive => Reference.TryGetTarget(out _);
    }
}
