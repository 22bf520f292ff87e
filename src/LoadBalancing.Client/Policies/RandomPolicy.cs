using LoadBalancing.Client.Policies;
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
}
