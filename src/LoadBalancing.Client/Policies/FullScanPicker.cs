using LoadBalancing.Client.Load;
using LoadBalancing.Client.Policies.Sampling;

namespace LoadBalancing.Client.Policies;

/// <summary>The least loaded of all backends; ties are broken at random, in proportion to weight (a weighted reservoir of one).</summary>
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

        int best = Scan(request.Excluded);

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

    private int Scan(in BackendExclusions excluded)
    {
        double[] shares = _shares;
        bool isAnyExcluded = !excluded.IsEmpty;
        int best = -1;
        double least = double.PositiveInfinity;
        double tied = 0;
        for (int i = 0; i < _backends.Length; i++)
        {
            if (isAnyExcluded && excluded.Contains(_backends[i]))
            {
                continue;
            }

            double candidate = load.GetLoad(i);
            if (candidate < least || best < 0)
            {
                (best, least, tied) = (i, candidate, shares[i]);
            }
            else if (candidate.Equals(least))
            {
                tied += shares[i];
                if (_random.NextUnit() * tied < shares[i])
                {
                    best = i;
                }
            }
        }

        return best;
    }
}
