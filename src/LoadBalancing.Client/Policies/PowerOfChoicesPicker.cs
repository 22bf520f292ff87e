using System.Runtime.CompilerServices;
using LoadBalancing.Client.Load;
using LoadBalancing.Client.Policies.Sampling;

namespace LoadBalancing.Client.Policies;

/// <summary>
/// The least loaded of k distinct backends that are drawn in proportion to weight; a tie goes to the first drawn.
/// Source: M. Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing" (2001).
/// </summary>
internal sealed class PowerOfChoicesPicker<TLoad> : Picker
    where TLoad : struct, ILoadMetric
{
    private readonly BackendState[] _backends;
    private readonly WeightedSampler _sampler;
    private readonly TLoad _load;
    private readonly int _choices;

    public PowerOfChoicesPicker(BackendSet set, TLoad load, Random random, int choices)
    {
        _backends = set.EligibleArray;
        _sampler = new WeightedSampler(set, random);
        _load = load;
        _choices = Math.Min(choices, _backends.Length);
    }

    public override BackendState? Pick(in PickRequest request)
    {
        BackendState[] backends = _backends;
        if (_choices != 2 || request.HasExclusions)
        {
            return PickAmongMany(request.ExcludedInPlace);
        }

        _sampler.DrawPair(out int first, out int second);
        return backends[LessLoaded(first, second)];
    }

    public override string? Describe(in PickRequest request, BackendState backend) => LoadPickers.Describe(_backends, _load, backend);

    /// <summary>
    /// Without a branch: which of two backends is busier is a coin toss, and a wrong guess of the predictor costs more than all the rest of a pick.
    /// So the comparison becomes a number, and the number a mask.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int LessLoaded(int first, int second)
    {
        double firstLoad = _load.GetLoad(first);
        double secondLoad = _load.GetLoad(second);
        int secondIsLess = -(secondLoad < firstLoad ? 1 : 0);
        return first ^ ((first ^ second) & secondIsLess);
    }

    private BackendState? PickAmongMany(in BackendExclusions excluded)
    {
        if (_backends.Length <= 1)
        {
            return _backends.Length == 0 ? null : _backends[0];
        }

        Span<int> drawn = stackalloc int[_choices];
        int best = -1;
        for (int i = 0; i < drawn.Length; i++)
        {
            int index = excluded.IsEmpty ? _sampler.DrawDistinct(drawn[..i]) : _sampler.DrawAllowed(excluded, drawn[..i]);
            if (index < 0)
            {
                break;
            }

            drawn[i] = index;
            best = best < 0 ? index : LessLoaded(best, index);
        }

        // All are excluded: that is ignored then.
        return best >= 0 ? _backends[best] : PickAmongMany(default);
    }
}
