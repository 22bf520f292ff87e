using LoadBalancing.Client.Policies;
using LoadBalancing.Client.Policies.Rotation;
using LoadBalancing.Client.Telemetry;

namespace LoadBalancing.Client;

/// <summary>
/// The next backend in listed order, exactly. Starts at a random place, so that clients do not march together; the position survives every change of the list. Weights have no effect.
/// </summary>
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
        private readonly PoolMemory<TurnCounter> _turns = new();
        private bool _saidThatWeightsAreIgnored;

        public override Picker CreatePicker(BackendSet backends)
        {
            if (!backends.HasEqualWeights && !_saidThatWeightsAreIgnored)
            {
                _saidThatWeightsAreIgnored = true;
                Log.WeightsIgnored(context.Logger, context.ServiceName, "round_robin");
            }

            TurnCounter turns = _turns.Find(backends.Pool) ?? _turns.Set(backends.Pool, new TurnCounter(context.Random.NextInt64(int.MaxValue) + 1));
            return new CyclePicker(backends.EligibleArray, turns);
        }

        internal override void RetainPools(ReadOnlySpan<int> pools) => _turns.Retain(pools);
    }
}
