using LoadBalancing.Client.Policies;
using LoadBalancing.Client.Policies.Rotation;
using LoadBalancing.Client.Telemetry;

namespace LoadBalancing.Client;

/// <summary>
/// The next backend in listed order, exactly. Starts at a random place, so that clients do not march together. Weights have no effect. Constant cost; all threads share one counter. Has no options, so it is safe to share.
/// </summary>
/// <remarks>
/// The place survives every change of the list and of health: the next one is who follows the one picked last, or, if that is gone, the first of those that would have come next. So as long as the listed order of those
/// that stay is the same, whoever is waiting for its turn waits for each of the others once at most. Picks on other threads in the very instant of a change still follow the old order, and count.
/// </remarks>
public sealed class RoundRobinPolicy : LoadBalancingPolicy
{
    /// <inheritdoc/>
    public override string Name => "round_robin";

    /// <inheritdoc/>
    public override string Description => "the next in listed order";

    /// <inheritdoc/>
    public override PickerFactory CreateFactory(PolicyContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new Factory(context);
    }

    private sealed class Factory(PolicyContext context) : PickerFactory
    {
        private readonly PoolMemory<PoolRotation> _rotations = new();
        private bool _saidThatWeightsAreIgnored;

        public override Picker CreatePicker(BackendSet backends)
        {
            if (!_saidThatWeightsAreIgnored && HaveDifferentWeights(backends))
            {
                _saidThatWeightsAreIgnored = true;
                Log.WeightsIgnored(context.Logger, context.ServiceName, "round_robin");
            }

            PoolRotation rotation = _rotations.Find(backends.Pool) ?? _rotations.Set(backends.Pool, new PoolRotation(context.Random));
            return rotation.For(backends).Take(backends.EligibleArray);
        }

        /// <summary>As discovery gives them: that a slow start has no effect is documented, and nothing to warn about each time that a backend joins.</summary>
        private static bool HaveDifferentWeights(BackendSet backends)
        {
            // Most often there is nothing more to look at; where only slow starts differ, there is.
            if (backends.HasEqualWeights)
            {
                return false;
            }

            double first = backends.Eligible[0].Description.Weight;
            foreach (BackendState backend in backends.Eligible)
            {
                if (backend.Description.Weight != first)
                {
                    return true;
                }
            }

            return false;
        }

        internal override void RetainPools(ReadOnlySpan<int> pools) => _rotations.Retain(pools);
    }
}
