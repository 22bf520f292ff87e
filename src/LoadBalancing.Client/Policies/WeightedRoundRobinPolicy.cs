using LoadBalancing.Client.Policies;
using LoadBalancing.Client.Policies.Rotation;

namespace LoadBalancing.Client;

/// <summary>
/// In turn, in proportion to weight, spread as evenly as can be: weights 5, 1, 1 give <c>a a b a c a a</c>. Starts at a random place, so that clients do not march together;
/// the position survives every change of the list. Load has no effect. Constant cost; all threads share one counter. Has no options, so it is safe to share.
/// </summary>
/// <remarks>
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
        private readonly PoolMemory<TurnCounter> _turns = new();
        private readonly PoolMemory<StridePicker> _strides = new();

        public override Picker CreatePicker(BackendSet backends)
        {
            TurnCounter turns = _turns.Find(backends.Pool) ?? _turns.Set(backends.Pool, new TurnCounter(TurnCounter.DrawStart(random)));
            BackendState[] eligible = backends.EligibleArray;
            if (backends.HasEqualWeights || eligible.Length >= StridePicker.MostBackends)
            {
                // Listed order is the cycle, however long it is.
                return new CyclePicker(eligible, turns);
            }

            return SmoothCycle.TryCompute(backends.EligibleWeights) is { } cycle
                ? new CyclePicker(Array.ConvertAll(cycle, index => eligible[index]), turns)
                : CreateStride(backends, turns);
        }

        internal override void RetainPools(ReadOnlySpan<int> pools)
        {
            _turns.Retain(pools);
            _strides.Retain(pools);
        }

        private StridePicker CreateStride(BackendSet backends, TurnCounter turns)
        {
            ulong start = _strides.Find(backends.Pool)?.Position ?? turns.Peek();
            return _strides.Set(backends.Pool, new StridePicker(backends.EligibleArray, new StrideTable(backends.EligibleWeights), start));
        }
    }
}
