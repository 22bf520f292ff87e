namespace LoadBalancing.Client.Backends;

/// <summary>
/// Tells when failures have one cause: a hundred requests that share a connection all fail when it dies, and that is one failure. Those that began before the last such failure and end within a second of it count as that one.
/// An answer (a status) and a timeout are evidence of their own, each. Thread safe, without a lock.
/// </summary>
/// <remarks>The last one is a single word: the era that began with it, and the time in milliseconds, which may wrap around.</remarks>
internal sealed class LostConnections(BackendState backend)
{
    private const uint TogetherMilliseconds = 1_000;
    private const int EraShift = 32;

    private long _last;

    /// <summary>Whether the failure is part of one that was counted. If not, and it may have more parts, those that follow will be.</summary>
    public bool IsKnown(in AttemptReport report)
    {
        if (!report.Outcome.MayBeShared)
        {
            return false;
        }

        uint now = report.NowMilliseconds;
        while (true)
        {
            long last = Volatile.Read(ref _last);
            if (report.Era < last >> EraShift && now - (uint)last < TogetherMilliseconds)
            {
                return true;
            }

            // Of many that arrive at once one wins; the others look again and see it.
            long mine = ((long)backend.NextEra() << EraShift) | now;
            if (Interlocked.CompareExchange(ref _last, mine, last) == last)
            {
                return false;
            }
        }
    }
}
