namespace LoadBalancing.Client.Hashing;

/// <summary>Weights as shares of their sum.</summary>
internal static class WeightShares
{
    /// <summary>
    /// Each weight divided by the sum of all. Weights whose sum would overflow are scaled by a power of two first, which changes no quotient; so integers give the shares that Envoy computes, to the last bit.
    /// </summary>
    /// <param name="weights">Finite and 0 or more.</param>
    /// <returns>Shares that sum to 1; all 0 when all weights are.</returns>
    public static double[] Of(ReadOnlySpan<double> weights)
    {
        double[] shares = weights.ToArray();
        double sum = Sum(shares);
        if (double.IsInfinity(sum) || (sum > 0 && !double.IsNormal(sum)))
        {
            int exponent = -Math.ILogB(Largest(shares));
            for (int i = 0; i < shares.Length; i++)
            {
                shares[i] = Math.ScaleB(shares[i], exponent);
            }

            sum = Sum(shares);
        }

        for (int i = 0; sum > 0 && i < shares.Length; i++)
        {
            shares[i] /= sum;
        }

        return shares;
    }

    /// <inheritdoc cref="Of(ReadOnlySpan{double})"/>
    public static double[] Of(ReadOnlySpan<WeightedKey> keys)
    {
        double[] weights = new double[keys.Length];
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = keys[i].Weight;
        }

        return Of(weights);
    }

    private static double Largest(ReadOnlySpan<double> values)
    {
        double largest = 0;
        foreach (double value in values)
        {
            largest = Math.Max(largest, value);
        }

        return largest;
    }

    private static double Sum(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values)
        {
            sum += value;
        }

        return sum;
    }
}
