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

        // By the largest first: the sum of weights as they are might overflow.
        double largest = 0;
        foreach (double weight in set.EligibleWeights)
        {
            largest = Math.Max(largest, weight);
        }

        double mean = 0;
        foreach (double weight in set.EligibleWeights)
        {
            mean += weight / largest / set.EligibleWeights.Length;
        }

        double[] inverse = new double[set.EligibleWeights.Length];
        for (int i = 0; i < inverse.Length; i++)
        {
            inverse[i] = Math.Min(mean / (set.EligibleWeights[i] / largest), LargestInverse);
        }

        return inverse;
    }
}
