using System.Runtime.CompilerServices;
using LoadBalancing.Client.Hashing;

namespace LoadBalancing.Client.Policies.Sampling;

/// <summary>
/// Draws backends of one snapshot in proportion to their effective weights: one, two distinct ones, or one that is neither drawn yet nor excluded. Immutable; thread safe.
/// </summary>
internal sealed class WeightedSampler
{
    /// <summary>As many as are drawn, distinct, for one pick: they are kept on the stack, and to compare more is as dear as to look at all.</summary>
    public const int MostDrawn = 64;

    /// <summary>Draws that may clash before an exact method takes over, which costs a search.</summary>
    private const int Rejections = 4;

    /// <summary>Below this share of the whole, what is left beside those drawn is too little for prefix sums to tell apart.</summary>
    private const double SmallestRest = 1e-9;

    private readonly RandomSource _random;
    private readonly BackendSet _set;
    private readonly BackendState[] _backends;
    private readonly AliasTable? _alias;
    private readonly double[]? _ends;

    public WeightedSampler(BackendSet set, Random random)
    {
        _random = new RandomSource(random);
        _set = set;
        _backends = set.EligibleArray;
        if (!set.HasEqualWeights)
        {
            _alias = new AliasTable(set.EligibleWeights);
            _ends = PrefixSums(set.EligibleWeights);
        }
    }

    public RandomSource Random => _random;

    /// <summary>One index, in proportion to weight. There must be at least one backend.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Draw() => _alias is null ? _random.NextIndex(_backends.Length) : _alias.Draw(_random.NextBits());

    /// <summary>Two distinct indexes, the second in proportion to weight among the rest. There must be at least two backends.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void DrawPair(out int first, out int second)
    {
        if (_alias is not null)
        {
            DrawWeightedPair(out first, out second);
            return;
        }

        // One random number gives both: its upper half the first, its lower half the second out of one fewer, moved up when it does not lie below the first.
        // No branch: which of the two is larger is a coin toss that no predictor guesses.
        ulong bits = _random.NextBits();
        ulong count = (uint)_backends.Length;
        first = (int)(((bits >> 32) * count) >> 32);
        second = (int)(((uint)bits * (count - 1)) >> 32);
        second += 1 + ((second - first) >> 31);
    }

    /// <summary>One index that is not in <paramref name="drawn"/>, in proportion to weight among the rest; there must be one.</summary>
    /// <param name="drawn">Distinct indexes, in any order; fewer than <see cref="MostDrawn"/>.</param>
    public int DrawDistinct(ReadOnlySpan<int> drawn)
    {
        for (int i = 0; i < Rejections; i++)
        {
            int index = Draw();
            if (!drawn.Contains(index))
            {
                return index;
            }
        }

        return DrawAround(drawn);
    }

    /// <summary>One index that is neither in <paramref name="drawn"/> nor excluded, in proportion to weight among the rest; -1 if there is none.</summary>
    public int DrawAllowed(in BackendExclusions excluded, ReadOnlySpan<int> drawn)
    {
        for (int i = 0; i < Rejections; i++)
        {
            int index = Draw();
            if (!drawn.Contains(index) && !excluded.Contains(_backends[index]))
            {
                return index;
            }
        }

        return DrawByScan(excluded, drawn);
    }

    private static double[] PrefixSums(ReadOnlySpan<double> weights)
    {
        double[] ends = WeightShares.Of(weights);
        for (int i = 1; i < ends.Length; i++)
        {
            ends[i] += ends[i - 1];
        }

        return ends;
    }

    private void DrawWeightedPair(out int first, out int second)
    {
        AliasTable alias = _alias!;
        first = alias.Draw(_random.NextBits());
        for (int i = 0; i < Rejections; i++)
        {
            second = alias.Draw(_random.NextBits());
            if (second != first)
            {
                return;
            }
        }

        second = DrawAround([first]);
    }

    private double StartOf(int index) => _ends is null ? index : index == 0 ? 0 : _ends[index - 1];

    private double EndOf(int index) => _ends is null ? index + 1 : _ends[index];

    /// <summary>Exact and bounded: the stretches of those drawn are cut out of the line of all weights, a point on the rest is drawn and mapped back.</summary>
    private int DrawAround(ReadOnlySpan<int> drawn)
    {
        int count = _backends.Length;
        Span<int> cuts = stackalloc int[drawn.Length];
        drawn.CopyTo(cuts);
        cuts.Sort();

        double rest = EndOf(count - 1);
        foreach (int cut in cuts)
        {
            rest -= EndOf(cut) - StartOf(cut);
        }

        if (rest < SmallestRest * EndOf(count - 1))
        {
            return DrawByScan(default, drawn);
        }

        double point = _random.NextUnit() * rest;
        foreach (int cut in cuts)
        {
            if (point >= StartOf(cut))
            {
                point += EndOf(cut) - StartOf(cut);
            }
        }

        int index = _ends is null ? (int)point : IndexAt(point);

        // Rounding can land a point on an edge, and so on a neighbour that is cut out.
        for (int i = 0; i < count && (index >= count || cuts.Contains(index)); i++)
        {
            index = index + 1 >= count ? 0 : index + 1;
        }

        return index;
    }

    private int IndexAt(double point)
    {
        int found = Array.BinarySearch(_ends!, point);
        return found >= 0 ? found + 1 : ~found;
    }

    /// <summary>Exact for any weights, at the price of a look at each: what is left is weighed relative to its own largest.</summary>
    private int DrawByScan(in BackendExclusions excluded, ReadOnlySpan<int> drawn)
    {
        ReadOnlySpan<double> weights = _set.EligibleWeights;
        double largest = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            if (weights[i] > largest && IsLeft(i, excluded, drawn))
            {
                largest = weights[i];
            }
        }

        int chosen = -1;
        double seen = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            if (!IsLeft(i, excluded, drawn))
            {
                continue;
            }

            // A weighted reservoir of one: the newcomer replaces with probability weight / weight seen so far.
            double weight = weights[i] / largest;
            seen += weight;
            if (chosen < 0 || _random.NextUnit() * seen < weight)
            {
                chosen = i;
            }
        }

        return chosen;
    }

    private bool IsLeft(int index, in BackendExclusions excluded, ReadOnlySpan<int> drawn) =>
        !drawn.Contains(index) && (excluded.IsEmpty || !excluded.Contains(_backends[index]));
}
