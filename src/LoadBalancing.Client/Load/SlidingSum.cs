using System.Runtime.InteropServices;

namespace LoadBalancing.Client.Load;

/// <summary>Sum and number of the samples of the last while, in ten buckets of time; what is older than the window falls out a tenth at a time. Thread safe, without a lock.</summary>
/// <remarks>A bucket belongs to the slice of time that it names. The first sample of a new slice empties it; samples that others add in that very instant may be lost with it.</remarks>
internal sealed class SlidingSum
{
    private const int Buckets = 10;

    /// <summary>Unused buckets on either side keep other data off the cache lines that every attempt writes.</summary>
    private const int Padding = 6;

    private readonly Bucket[] _buckets = new Bucket[Buckets + (2 * Padding)];
    private readonly long _sliceTicks;

    /// <param name="windowTicks">The window in timestamp ticks.</param>
    public SlidingSum(long windowTicks)
    {
        _sliceTicks = Math.Max(1, windowTicks / Buckets);
        Array.Fill(_buckets, new Bucket { Slice = long.MinValue });
    }

    public void Add(long value, long now)
    {
        long slice = now / _sliceTicks;
        ref Bucket bucket = ref _buckets[Padding + (int)((ulong)slice % Buckets)];
        long owner = Volatile.Read(ref bucket.Slice);
        if (owner < slice && Interlocked.CompareExchange(ref bucket.Slice, slice, owner) == owner)
        {
            Interlocked.Exchange(ref bucket.Sum, 0);
            Interlocked.Exchange(ref bucket.Count, 0);
        }

        Interlocked.Add(ref bucket.Sum, value);
        Interlocked.Increment(ref bucket.Count);
    }

    /// <summary>Sum and number of the samples in the window that ends now.</summary>
    public (long Sum, long Count) Read(long now)
    {
        long slice = now / _sliceTicks;
        long sum = 0;
        long count = 0;
        foreach (ref readonly Bucket bucket in _buckets.AsSpan(Padding, Buckets))
        {
            if (Volatile.Read(in bucket.Slice) > slice - Buckets)
            {
                sum += Volatile.Read(in bucket.Sum);
                count += Volatile.Read(in bucket.Count);
            }
        }

        return (sum, count);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Bucket
    {
        public long Slice;
        public long Sum;
        public long Count;
    }
}
