using LoadBalancing.Client.Balancing;

namespace LoadBalancing.Client.Http.Resilience.Hedging;

/// <summary>
/// How long requests have taken in the last 20 to 30 seconds, and which percentile of that is where. One per balancer, whatever number of handlers it has. Thread safe; recording takes no lock and allocates nothing.
/// </summary>
/// <remarks>
/// Time goes in slices, with a histogram for each; the one that is too old is emptied and used again by whoever comes first in the next slice. What somebody else records in that very instant is dropped, and what a thread records
/// that was stopped for as long as the window may fall into a later slice: a sample more or less makes no difference. The percentile is computed four times a second at most; in between, everybody reads the last one.
/// </remarks>
internal sealed class LatencyWindow
{
    private const int Slices = 3;
    private static readonly TimeSpan SliceLength = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromMilliseconds(250);

    private static readonly BalancerSlot<LatencyWindow> Slot = new(balancer => new LatencyWindow(balancer.TimeProvider));

    private readonly Lock _gate = new();
    private readonly Slice[] _slices = [.. Enumerable.Range(0, Slices).Select(_ => new Slice())];
    private readonly long _origin;
    private readonly long _sliceLength;
    private readonly long _refreshInterval;
    private long _refreshAt = long.MinValue;
    private long _percentileTicks;

    public LatencyWindow(TimeProvider timeProvider)
    {
        _origin = timeProvider.GetTimestamp();
        _sliceLength = (long)(SliceLength.TotalSeconds * timeProvider.TimestampFrequency);
        _refreshInterval = (long)(RefreshInterval.TotalSeconds * timeProvider.TimestampFrequency);
    }

    /// <summary>The window of a balancer.</summary>
    public static LatencyWindow Of(Balancer balancer) => Slot.Get(balancer);

    /// <param name="latency">How long a request took, or at least took.</param>
    /// <param name="now">The time, which whoever has measured has read anyway.</param>
    public void Record(TimeSpan latency, long now)
    {
        long number = NumberOf(now);
        Slice slice = _slices[number % Slices];
        if (Volatile.Read(ref slice.Number) == number || TryBegin(slice, number))
        {
            Interlocked.Increment(ref slice.Counts[LatencyBuckets.IndexOf(latency)]);
        }
    }

    /// <summary>What a share of all requests took no longer than; too high by 1/64 at most, and never too low.</summary>
    /// <param name="percentile">The share, above 0, at most 1.</param>
    /// <param name="minSamples">How many samples it takes.</param>
    /// <param name="now">The time.</param>
    /// <returns>The time; <see langword="null"/> with fewer samples.</returns>
    public TimeSpan? FindPercentile(double percentile, int minSamples, long now)
    {
        if (now >= Volatile.Read(ref _refreshAt) && _gate.TryEnter())
        {
            try
            {
                Volatile.Write(ref _percentileTicks, Compute(percentile, minSamples, NumberOf(now))?.Ticks ?? 0);
                Volatile.Write(ref _refreshAt, now + _refreshInterval);
            }
            finally
            {
                _gate.Exit();
            }
        }

        long ticks = Volatile.Read(ref _percentileTicks);
        return ticks == 0 ? null : TimeSpan.FromTicks(ticks);
    }

    private long NumberOf(long now) => Math.Max(0, now - _origin) / _sliceLength;

    private bool TryBegin(Slice slice, long number)
    {
        if (!_gate.TryEnter())
        {
            return false;
        }

        try
        {
            if (slice.Number < number)
            {
                Array.Clear(slice.Counts);
                Volatile.Write(ref slice.Number, number);
            }

            return slice.Number == number;
        }
        finally
        {
            _gate.Exit();
        }
    }

    /// <summary>The caller holds the lock, so nothing is emptied meanwhile: counts only grow, and the walk gets as far as the total that was read first.</summary>
    private TimeSpan? Compute(double percentile, int minSamples, long current)
    {
        long total = 0;
        foreach (Slice slice in _slices)
        {
            if (slice.IsIn(current))
            {
                foreach (int count in slice.Counts)
                {
                    total += count;
                }
            }
        }

        if (total == 0 || total < minSamples)
        {
            return null;
        }

        long rank = Math.Max(1, (long)Math.Ceiling(percentile * total));
        int index = -1;
        for (long below = 0; below < rank;)
        {
            index++;
            foreach (Slice slice in _slices)
            {
                below += slice.IsIn(current) ? slice.Counts[index] : 0;
            }
        }

        return LatencyBuckets.EndOf(index);
    }

    private sealed class Slice
    {
        public readonly int[] Counts = new int[LatencyBuckets.Count];
        public long Number = long.MinValue;

        public bool IsIn(long current) => Number > current - Slices && Number <= current;
    }
}
