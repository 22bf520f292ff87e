using LoadBalancing.Client.Load;
using LoadBalancing.Client.Policies.Sampling;

namespace LoadBalancing.Client.Policies;

/// <summary>The least loaded of all backends; ties are broken at random, in proportion to weight.</summary>
internal sealed class FullScanPicker<TLoad>(BackendSet set, TLoad load, Random random) : Picker
    where TLoad : struct, ILoadMetric
{
    private readonly BackendState[] _backends = set.EligibleArray;
    private readonly double[] _shares = RelativeToLargest(set.EligibleWeights);
    private readonly RandomSource _random = new(random);

    public override BackendState? Pick(in PickRequest request)
    {
        if (_backends.Length == 0)
        {
            return null;
        }

        int best = Scan(request.ExcludedInPlace);

        // All are excluded: that is ignored then.
        return _backends[best >= 0 ? best : Scan(default)];
    }

    public override string? Describe(in PickRequest request, BackendState backend) => LoadPickers.Describe(_backends, load, backend);

    /// <summary>So that no sum of weights overflows.</summary>
    private static double[] RelativeToLargest(ReadOnlySpan<double> weights)
    {
        double largest = 0;
        foreach (double weight in weights)
        {
            largest = Math.Max(largest, weight);
        }

        double[] shares = new double[weights.Length];
        for (int i = 0; i < shares.Length; i++)
        {
            shares[i] = weights[i] / largest;
        }

        return shares;
    }

    /// <summary>
    /// Two passes: the first finds the least load and how much weight shares it, the second goes to a point drawn on that weight. So ties cost one random number, however many.
    /// Whether one ties is a coin toss, so both add it up without a branch; a new least is rare, and the predictor knows it.
    /// </summary>
    private int Scan(in BackendExclusions excluded)
    {
        double[] shares = _shares;
        bool isAnyExcluded = !excluded.IsEmpty;
        int first = -1;
        double least = double.PositiveInfinity;
        double tied = 0;
        for (int i = 0; i < shares.Length; i++)
        {
            if (isAnyExcluded && excluded.Contains(_backends[i]))
            {
                continue;
            }

            double candidate = load.GetLoad(i);
            if (candidate < least || first < 0)
            {
                (first, least, tied) = (i, candidate, 0);
            }

            tied += shares[i] * AsNumber(candidate <= least);
        }

        return first < 0 || tied <= shares[first] ? first : BreakTie(excluded, first, least, tied);
    }

    private int BreakTie(in BackendExclusions excluded, int first, double least, double tied)
    {
        double[] shares = _shares;
        bool isAnyExcluded = !excluded.IsEmpty;
        int chosen = first;
        double point = _random.NextUnit() * tied;
        for (int i = first; i < shares.Length && point >= 0; i++)
        {
            if (isAnyExcluded && excluded.Contains(_backends[i]))
            {
                continue;
            }

            // Loads move while we look: whoever got busier since is passed over, and the last one seen stands in for what is missing at the end.
            int isTied = AsNumber(load.GetLoad(i) <= least);
            chosen += (i - chosen) * isTied;
            point -= shares[i] * isTied;
        }

        return chosen;
    }

    /// <summary>1 or 0, without a branch.</summary>
    private static int AsNumber(bool condition) => condition ? 1 : 0;
}
