using LoadBalancing.Client.Hashing;

namespace LoadBalancing.Client.Load;

/// <summary>Weights relative to their mean, so that only their proportions matter.</summary>
internal static class RelativeWeights
{
    /// <summary>The inverse of the smallest weights would be infinite, and infinity times nothing is no number.</summary>
    private const double LargestInverse = 1e290;

    /// <summary>Mean weight / weight of each eligible backend; <see langword="null"/> when all are equal, so that nobody multiplies by 1.</summary>
    public static double[]? Inverse(BackendSet set)
    {
        if (set.HasEqualWeights)
        {
            return null;
        }

        double[] shares = WeightShares.Of(set.EligibleWeights);
        return Array.ConvertAll(shares, share => Math.Min(1 / (share * shares.Length), LargestInverse));
    }
}
