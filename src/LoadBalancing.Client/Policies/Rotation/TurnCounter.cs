using LoadBalancing.Client.Backends;

namespace LoadBalancing.Client.Policies.Rotation;

/// <summary>The number of the next turn of a rotation; shared by all threads, and by all pickers of a pool, so that it survives rebuilds.</summary>
/// <param name="first">The first turn to give out.</param>
internal sealed class TurnCounter(long first)
{
    /// <summary>How often to try a compare-and-swap again: a pick has to end, but a core that holds the line can win a hundred times in a row.</summary>
    public const int MaxTries = 10_000;

    private PaddedCounter _next = new() { Value = first };

    /// <summary>The turn that would be given out now.</summary>
    public ulong Peek() => (ulong)Volatile.Read(ref _next.Value);

    /// <summary>Gives out one turn.</summary>
    public ulong Take() => (ulong)Interlocked.Increment(ref _next.Value) - 1;

    /// <summary>Where a walk begins: anywhere, in whatever cycle and with whatever number of backends.</summary>
    public static long DrawStart(Random random) => random.NextInt64(1L << 62);

    /// <summary>Gives out all turns from <paramref name="next"/> up to, not including, <paramref name="after"/>, unless somebody else has taken one meanwhile.</summary>
    public bool TryTake(ulong next, ulong after) => Interlocked.CompareExchange(ref _next.Value, (long)after, (long)next) == (long)next;
}
