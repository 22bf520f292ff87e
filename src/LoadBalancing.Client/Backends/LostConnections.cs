namespace LoadBalancing.Client.Backends;

/// <summary>
/// Tells when failures have one cause: a hundred requests that share a connection all fail when it dies, and that is one failure. Those that began before the last such failure and end within a second of it count as that one.
/// An answer (a status) and a timeout are evidence of their own, each. Thread safe, without a lock.
/// </summary>
internal sealed class LostConnections(BackendState backend)
{
    private static readonly TimeSpan Together = TimeSpan.FromSeconds(1);

    private Loss? _last;

    /// <summary>Whether the failure is part of one that was counted. If not, and it may have more parts, those that follow will be.</summary>
    public bool IsKnown(in AttemptReport report)
    {
        if (!report.Outcome.MayBeShared)
        {
            return false;
        }

        while (true)
        {
            Loss? last = Volatile.Read(ref _last);
            if (last is not null && report.Era < last.EndedEra && report.SecondsSince(last.At) < Together.TotalSeconds)
            {
                return true;
            }

            // Of many that arrive at once one wins; the others look again and see it.
            if (Interlocked.CompareExchange(ref _last, new Loss(backend.NextEra(), report.Now), last) == last)
            {
                return false;
            }
        }
    }

    private sealed record Loss(int EndedEra, long At);
}
