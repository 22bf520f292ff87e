using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace LoadBalancing.Client.Balancing;

/// <summary>
/// Attempts to use again: a few per thread, without any synchronisation, and a shared queue for threads that pick what others complete. Takes no lock.
/// </summary>
internal static class AttemptPool
{
    private const int ThreadCapacity = 64;
    private const int Batch = ThreadCapacity / 2;

    /// <summary>Beyond this, attempts are left to the garbage collector: about 1 MB of a burst is kept.</summary>
    private const int SharedCapacity = 16_384;

    private static readonly ConcurrentQueue<Attempt> Shared = new();

    private static int _sharedCount;

    [ThreadStatic]
    private static ThreadCache? _cache;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Attempt Rent()
    {
        ThreadCache cache = _cache ??= new ThreadCache();
        return cache.Count > 0 ? cache.Take() : Refill(cache);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Return(Attempt attempt)
    {
        ThreadCache cache = _cache ??= new ThreadCache();
        if (cache.Count == ThreadCapacity)
        {
            Spill(cache);
        }

        cache.Items[cache.Count++] = attempt;
    }

    private static Attempt Refill(ThreadCache cache)
    {
        while (cache.Count < Batch && Shared.TryDequeue(out Attempt? attempt))
        {
            Interlocked.Decrement(ref _sharedCount);
            cache.Items[cache.Count++] = attempt;
        }

        return cache.Count > 0 ? cache.Take() : new Attempt();
    }

    private static void Spill(ThreadCache cache)
    {
        while (cache.Count > ThreadCapacity - Batch)
        {
            Attempt attempt = cache.Take();
            if (Interlocked.Increment(ref _sharedCount) <= SharedCapacity)
            {
                Shared.Enqueue(attempt);
            }
            else
            {
                Interlocked.Decrement(ref _sharedCount);
            }
        }
    }

    private sealed class ThreadCache
    {
        public readonly Attempt?[] Items = new Attempt?[ThreadCapacity];
        public int Count;

        /// <summary>Takes the last one, and forgets it: a place that still named it would keep an attempt whose lease was lost from being collected, for as long as the thread lives.</summary>
        public Attempt Take()
        {
            Attempt attempt = Items[--Count]!;
            Items[Count] = null;
            return attempt;
        }
    }
}
