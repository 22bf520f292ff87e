using LoadBalancing.Client.Policies.Sampling;

namespace LoadBalancing.Client.Policies.Consistent;

/// <summary>What a hash policy does without a hash: picks at random, in proportion to effective weight, and says so once per balancer.</summary>
internal sealed class HashlessPicks(BackendSet set, PolicyContext context, HashlessNotice notice)
{
    private readonly WeightedSampler _sampler = new(set, context.Random);

    /// <summary>A random number for a table, when the backend that was drawn is too busy.</summary>
    public ulong DrawHash() => _sampler.Random.NextBits();

    /// <summary>There must be at least one eligible backend.</summary>
    public BackendState Pick(in PickRequest request)
    {
        notice.Say();
        BackendState[] eligible = set.EligibleArray;
        if (eligible.Length == 1)
        {
            return eligible[0];
        }

        int allowed = request.HasExclusions ? _sampler.DrawAllowed(request.ExcludedInPlace, []) : _sampler.Draw();
        return eligible[allowed >= 0 ? allowed : _sampler.Draw()];
    }
}
