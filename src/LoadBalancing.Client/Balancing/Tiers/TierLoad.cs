namespace LoadBalancing.Client.Balancing.Tiers;

/// <summary>
/// How load is spread over priority tiers. Source: Envoy, "Priority levels" with an overprovisioning factor of 1.4; the arithmetic is in whole per cent, as in its code.
/// </summary>
internal static class TierLoad
{
    private const int OverprovisioningPercent = 140;

    /// <summary>A tier's health in per cent: full as long as the eligible share is at least 1/1.4 = 5/7 ≈ 71 %.</summary>
    /// <param name="eligible">Backends that may receive attempts.</param>
    /// <param name="total">Backends that nobody took out on purpose.</param>
    public static int Health(int eligible, int total) => total == 0 ? 0 : (int)Math.Min(100, (long)OverprovisioningPercent * eligible / total);

    /// <summary>Spreads 100 % over the tiers in order: each takes as much as its health allows, scaled up when all together are short of 100; what rounding leaves goes to the first with any health.</summary>
    /// <returns>Per cent per tier, 100 in all; all 0 when no tier has any health.</returns>
    public static int[] Spread(ReadOnlySpan<int> health)
    {
        int[] load = new int[health.Length];
        int available = 0;
        foreach (int value in health)
        {
            available = Math.Min(100, available + value);
        }

        if (available == 0)
        {
            return load;
        }

        int left = 100;
        for (int i = 0; i < load.Length; i++)
        {
            load[i] = Math.Min(left, health[i] * 100 / available);
            left -= load[i];
        }

        AddToFirst(load, health, left);
        return load;
    }

    /// <summary>Spreads 100 % in proportion to the number of backends: for when every tier has failed open.</summary>
    public static int[] SpreadByCount(ReadOnlySpan<int> counts)
    {
        int[] load = new int[counts.Length];
        long total = 0;
        foreach (int count in counts)
        {
            total += count;
        }

        if (total == 0)
        {
            return load;
        }

        int left = 100;
        for (int i = 0; i < load.Length; i++)
        {
            load[i] = (int)(100L * counts[i] / total);
            left -= load[i];
        }

        AddToFirst(load, counts, left);
        return load;
    }

    private static void AddToFirst(int[] load, ReadOnlySpan<int> mayTake, int left)
    {
        int first = mayTake.IndexOfAnyExcept(0);
        if (first >= 0)
        {
            load[first] += left;
        }
    }
}
