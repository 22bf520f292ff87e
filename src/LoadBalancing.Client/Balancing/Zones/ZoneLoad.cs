namespace LoadBalancing.Client.Balancing.Zones;

/// <summary>
/// How the traffic of one zone's callers is spread over the zones of the backends, so that all callers together load all backends evenly and as little as possible crosses zones.
/// Source: Envoy, zone aware routing; as in its code (<c>regenerateLocalityRoutingStructures</c>), with shares of weight instead of counts, and without rounding.
/// </summary>
internal static class ZoneLoad
{
    /// <summary>Shares that differ by less than this are the same: sums of weights are not exact.</summary>
    private const double Tolerance = 1e-9;

    /// <summary>Computes the share of each zone in the callers' traffic.</summary>
    /// <param name="weights">The eligible weight of each zone; the callers' own zone is the first, and has some.</param>
    /// <param name="callers">The share of all callers that is in each zone.</param>
    /// <returns>Shares that add up to 1.</returns>
    public static double[] Spread(ReadOnlySpan<double> weights, ReadOnlySpan<double> callers)
    {
        double[] shares = new double[weights.Length];
        double[] capacity = Normalize(weights);
        if (capacity[0] >= callers[0] - Tolerance)
        {
            shares[0] = 1;
            return shares;
        }

        // Each zone serves its own callers first; what it has left is for those whose zone is short of capacity.
        double residual = 0;
        for (int i = 1; i < shares.Length; i++)
        {
            shares[i] = Math.Max(0, capacity[i] - callers[i]);
            residual += shares[i];
        }

        // Nobody has anything left only where the callers' shares are more than 1 in all.
        double local = residual > 0 ? capacity[0] / callers[0] : 1;
        for (int i = 1; i < shares.Length; i++)
        {
            shares[i] = residual > 0 ? shares[i] / residual * (1 - local) : 0;
        }

        shares[0] = local;
        return shares;
    }

    private static double[] Normalize(ReadOnlySpan<double> weights)
    {
        double largest = 0;
        foreach (double weight in weights)
        {
            largest = Math.Max(largest, weight);
        }

        double[] shares = new double[weights.Length];
        double total = 0;
        for (int i = 0; i < shares.Length; i++)
        {
            shares[i] = weights[i] / largest;
            total += shares[i];
        }

        for (int i = 0; i < shares.Length; i++)
        {
            shares[i] /= total;
        }

        return shares;
    }
}
