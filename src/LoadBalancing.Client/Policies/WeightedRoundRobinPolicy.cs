using LoadBalancing.Client.Policies;
using LoadBalancing.Client.Policies.Rotation;

namespace LoadBalancing.Client;

/// <summary>
/// In turn, in proportion to weight, spread as evenly as can be: weights 5, 1, 1 give <c>a a b a c a a</c>. Starts at a random place, so that clients do not march together.
/// Load has no effect. Constant cost; all threads share one counter. Has no options, so it is safe to share.
/// </summary>
/// <remarks>
/// The place survives every change of the list, of weights and of health: it goes on after the one picked last, or, if that is gone, with the first of those that would have come next; of several turns in a cycle, at the one
/// nearest to the same part of it. The rest of the cycle is the new one's, so in a change a backend may wait for as long as its longest gap in the old cycle and in the new one together.
/// Sources: nginx's smooth weighted round robin (2012) where all weights are whole thousandths and one cycle is at most 4096 turns long; else gRPC's static stride scheduler (gRFC A58, 2023),
/// which follows any weights to 1/65,535 of the largest, takes none for more than ten times the mean, and none for less than a hundredth of it.
/// </remarks>
public sealed class WeightedRoundRobinPolicy : LoadBalancingPolicy
{
    /// <inheritdoc/>
    public override string Name => "weighted_round_robin";

    /// <inheritdoc/>
    public override string Description => "in turn, by weight";

    /// <inheritdoc/>
    public override PickerFactory CreateFactory(PolicyContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new Factory(context.Random);
    }

    private sealed class Factory(Random random) : PickerFactory
    {
        private readonly PoolMemory<PoolRotation> _rotations = new();

        public override Picker CreatePicker(BackendSet backends)
        {
            PoolRotation rotation = (_rotations.Find(backends.Pool) ?? _rotations.Set(backends.Pool, new PoolRotation(random))).For(backends);
            BackendState[] eligible = backends.EligibleArray;
            if (backends.HasEqualWeights || eligible.Length >= StridePicker.MostBackends)
            {
                // Listed order is the cycle, however long it is.
                return rotation.Take(eligible);
            }

            return SmoothCycle.TryCompute(backends.EligibleWeights) is { } cycle
                ? rotation.Take(Array.ConvertAll(cycle, index => eligible[index]))
                : rotation.TakeStrides(backends);
        }

        internal override void RetainPools(ReadOnlySpan<int> pools) => _rotations.Retain(pools);
    }
}
