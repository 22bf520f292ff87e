using System.Runtime.Intrinsics;
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

        int best = request.HasExclusions ? ScanAllowed(request.ExcludedInPlace) : Scan(load);

        // Nobody's load is a number.
        return _backends[Math.Max(best, 0)];
    }

    public override string? Describe(in PickRequest request, BackendState backend) => LoadPickers.Describe(_backends, load, backend);

    /// <summary>Notes who has the least load so far, then draws among them by weight: one pass, and one random number however many tie.</summary>
    /// <remarks>
    /// Whether one ties is a coin toss, so there is no branch on it: the place after the last one noted is always written, and counts only then. A new least is rare, and the predictor knows it.
    /// The metric is a copy, so that what it holds stays in registers.
    /// </remarks>
    /// <returns>-1 if nobody's load is a number.</returns>
    private int Scan<TMetric>(TMetric metric)
        where TMetric : struct, ILoadMetric
    {
        int length = _backends.Length;
        int[] ties = TieBuffer.Rent(length);
        int count = 0;
        double least = double.PositiveInfinity;
        for (int i = 0; i < length; i++)
        {
            double candidate = metric.GetLoad(i);
            if (candidate < least)
            {
                least = candidate;
                count = 0;
            }

            ties[count] = i;

            // As a vector, for the compiler makes a branch of a comparison of numbers inside a loop. True is -1.
            count -= (int)Vector128.LessThanOrEqual(Vector128.CreateScalarUnsafe(candidate), Vector128.CreateScalarUnsafe(least)).AsInt64().ToScalar();
        }

        return count switch
        {
            0 => -1,
            1 => ties[0],
            _ => Draw(ties.AsSpan(0, count)),
        };
    }

    private int ScanAllowed(in BackendExclusions excluded)
    {
        int best = Scan(new AllowedLoad(_backends, load, excluded));
        for (int i = 0; i < _backends.Length && best < 0; i++)
        {
            best = excluded.Contains(_backends[i]) ? -1 : i;
        }

        // All are excluded: that is ignored then.
        return best >= 0 ? best : Scan(load);
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

    /// <summary>What is excluded has no load that is a number, so it is in no order.</summary>
    private readonly struct AllowedLoad(BackendState[] backends, TLoad load, BackendExclusions excluded) : ILoadMetric
    {
        public double GetLoad(int index) => excluded.Contains(backends[index]) ? double.NaN : load.GetLoad(index);
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
