using LoadBalancing.Client.Hashing;
using LoadBalancing.Client.Load;
using LoadBalancing.Client.Policies.Sampling;

namespace LoadBalancing.Client.Policies;

/// <summary>The least loaded of all backends; ties are broken at random, in proportion to weight.</summary>
internal sealed class FullScanPicker<TLoad>(BackendSet set, TLoad load, Random random) : Picker
    where TLoad : struct, ILoadMetric
{
    private readonly BackendState[] _backends = set.EligibleArray;
    private readonly double[] _shares = WeightShares.Of(set.EligibleWeights);
    private readonly bool _hasEqualWeights = set.HasEqualWeights;
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

    /// <summary>Notes who has the least load so far, then draws among them by weight: one pass, and one random number however many tie.</summary>
    /// <remarks>
    /// Whether one ties is a coin toss, so there is no branch on it: the place after the last one noted is always written, and counts only then. A new least is rare, and the predictor knows it.
    /// </remarks>
    private int Scan(in BackendExclusions excluded)
    {
        BackendState[] backends = _backends;
        int[] ties = TieBuffer.Rent(backends.Length);
        bool isAnyExcluded = !excluded.IsEmpty;
        int allowed = -1;
        int count = 0;
        double least = double.PositiveInfinity;
        for (int i = 0; i < backends.Length; i++)
        {
            if (isAnyExcluded && excluded.Contains(backends[i]))
            {
                continue;
            }

            allowed = i;
            double candidate = load.GetLoad(i);
            if (candidate < least)
            {
                least = candidate;
                count = 0;
            }

            ties[count] = i;
            count += candidate <= least ? 1 : 0;
        }

        return count switch
        {
            0 => allowed, // Nobody's load is a number, or all are excluded.
            1 => ties[0],
            _ => Draw(ties.AsSpan(0, count)),
        };
    }

    private int Draw(ReadOnlySpan<int> ties)
    {
        if (_hasEqualWeights)
        {
            return ties[_random.NextIndex(ties.Length)];
        }

        double total = 0;
        foreach (int index in ties)
        {
            total += _shares[index];
        }

        double point = _random.NextUnit() * total;
        foreach (int index in ties)
        {
            point -= _shares[index];
            if (point < 0)
            {
                return index;
            }
        }

        return ties[^1];
    }
}

/// <summary>Room for each thread to note indexes in; grows to the largest pool that the thread has scanned.</summary>
internal static class TieBuffer
{
    [ThreadStatic]
    private static int[]? _buffer;

    public static int[] Rent(int length)
    {
        int[]? buffer = _buffer;
        return buffer is not null && buffer.Length >= length ? buffer : _buffer = new int[length];
    }
}
