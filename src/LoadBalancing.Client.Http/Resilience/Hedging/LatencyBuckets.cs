using System.Numerics;

namespace LoadBalancing.Client.Http.Resilience.Hedging;

/// <summary>
/// Latencies in buckets whose width grows with what they hold, as in HdrHistogram (G. Tene, 2012): 64 to each doubling, so that none is wider than 1/64 of its values; below 128 µs, one for each microsecond.
/// Up to 38 hours; what takes longer counts as that.
/// </summary>
internal static class LatencyBuckets
{
    public const int Count = (LongestBits - PerDoublingBits + 1) << PerDoublingBits;

    private const int PerDoublingBits = 6;
    private const int LongestBits = 37;
    private const long Longest = (1L << LongestBits) - 1;

    public static int IndexOf(TimeSpan latency)
    {
        long microseconds = Math.Clamp(latency.Ticks / TimeSpan.TicksPerMicrosecond, 0, Longest);
        int shift = Math.Max(0, BitOperations.Log2((ulong)microseconds) - PerDoublingBits);
        return (shift << PerDoublingBits) + (int)(microseconds >> shift);
    }

    /// <summary>Where the bucket ends: above all that it holds, by 1/64 or 1 µs at most.</summary>
    public static TimeSpan EndOf(int index)
    {
        int shift = Math.Max(0, (index >> PerDoublingBits) - 1);
        return TimeSpan.FromMicroseconds((long)(index - (shift << PerDoublingBits) + 1) << shift);
    }
}
