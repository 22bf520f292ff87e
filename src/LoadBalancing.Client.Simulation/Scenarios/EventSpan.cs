namespace LoadBalancing.Client.Simulation.Scenarios;

/// <summary>When an event is in force, in whole nanoseconds, so that repeats begin and end exactly where they should: from <paramref name="From"/> (inclusive) until <paramref name="Until"/> (exclusive), and that again and again.</summary>
/// <param name="From">Its beginning.</param>
/// <param name="Until">Its end; <see langword="null"/> for never.</param>
/// <param name="Every">From one beginning to the next; <see langword="null"/> for once.</param>
internal readonly record struct EventSpan(long From, long? Until, long? Every)
{
    private const long PerSecond = 1_000_000_000;

    public static long FromSeconds(double seconds) => (long)Math.Round(seconds * PerSecond);

    public static double ToSeconds(long time) => time / (double)PerSecond;

    public EventSpan After(long delay) => new(From + delay, Until + delay, Every);

    public bool Contains(long time)
    {
        if (time < From || Until is not { } until)
        {
            return time >= From;
        }

        return (Every is { } every ? (time - From) % every : time - From) < until - From;
    }

    /// <summary>Its beginnings and ends; repeats as long as they begin before <paramref name="end"/>.</summary>
    public IEnumerable<long> Boundaries(long end)
    {
        for (long from = From; from < end; from += Every ?? end)
        {
            yield return from;
            if (Until is { } until)
            {
                yield return from + until - From;
            }
        }
    }
}
