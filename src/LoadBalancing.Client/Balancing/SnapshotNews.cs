using LoadBalancing.Client.Balancing.Tiers;
using LoadBalancing.Client.Balancing.Views;

namespace LoadBalancing.Client.Balancing;

/// <summary>
/// Compares each snapshot with the one before, and has announced what an application may want to hear of: that the service level has changed, and that a tier panics or no longer does;
/// those who look through views hear of each.
/// Guarded by the writers' lock, but for <see cref="Level"/>.
/// </summary>
internal sealed class SnapshotNews(Announcer announcer, ViewSources views)
{
    private IReadOnlyList<TierView> _tiers = [];
    private int _level = (int)ServiceLevel.Full;
    private Snapshot? _latest;
    private bool _isAnswered;

    /// <summary>Before discovery has named anybody, nothing is known to be missing.</summary>
    public ServiceLevel Level => (ServiceLevel)Volatile.Read(ref _level);

    /// <summary>Discovery has answered: from now on, an empty list is believed.</summary>
    public void OnFirstAnswer()
    {
        _isAnswered = true;
        CompareLevels();
        views.Tell();
    }

    public void OnPublished(Snapshot snapshot)
    {
        _latest = snapshot;
        ComparePanics(snapshot.Tiers);
        CompareLevels();
        views.Tell();
    }

    private void ComparePanics(IReadOnlyList<TierView> tiers)
    {
        foreach (TierView tier in tiers)
        {
            bool didPanic = _tiers.Any(before => before.Priority == tier.Priority && before.FailsOpen);
            if (tier.FailsOpen != didPanic)
            {
                announcer.OnPanicChanged(tier);
            }
        }

        _tiers = tiers;
    }

    private void CompareLevels()
    {
        ServiceLevel level = _latest is { Tiers.Count: > 0 } snapshot ? snapshot.ServiceLevel : _isAnswered ? ServiceLevel.None : ServiceLevel.Full;
        if (level != Level)
        {
            announcer.OnServiceLevelChanged(Level, level, _latest?.EligibleShare ?? 0);
            Volatile.Write(ref _level, (int)level);
        }
    }
}
