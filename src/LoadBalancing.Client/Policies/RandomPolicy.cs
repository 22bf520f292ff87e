using LoadBalancing.Client.Policies.Sampling;

namespace LoadBalancing.Client;

/// <summary>At random, in proportion to weight; constant cost (Walker's alias method). Nothing is shared between threads.</summary>
public sealed class RandomPolicy : LoadBalancingPolicy
{
    /// <inheritdoc/>
    public override string Name => "random";

    /// <inheritdoc/>
    public override string Description => "at random, by weight";

    /// <inheritdoc/>
    public override PickerFactory CreateFactory(PolicyContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new Factory(context.Random);
    }

    private sealed class Factory(Random random) : PickerFactory
    {
        public override Picker CreatePicker(BackendSet backends) => new RandomPicker(backends.EligibleArray, new WeightedSampler(backends, random));
    }

    private sealed class RandomPicker(BackendState[] backends, WeightedSampler sampler) : Picker
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
}
