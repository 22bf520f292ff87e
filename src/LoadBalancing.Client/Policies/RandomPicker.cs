using LoadBalancing.Client.Policies.Sampling;

namespace LoadBalancing.Client.Policies;

/// <summary>At random, as the sampler weighs.</summary>
internal sealed class RandomPicker(BackendState[] backends, WeightedSampler sampler) : Picker
{
    public override BackendState? Pick(in PickRequest request)
    {
        BackendState[] all = backends;
        if (all.Length <= 1)
        {
            return all.Length == 0 ? null : all[0];
        }

        if (request.HasExclusions)
        {
            int allowed = sampler.DrawAllowed(request.ExcludedInPlace, []);
            return all[allowed >= 0 ? allowed : sampler.Draw()];
        }

        return all[sampler.Draw()];
    }
}
