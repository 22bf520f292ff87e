using LoadBalancing.Client.Backends;
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
        private readonly Dictionary<int, Position> _positionByPool = [];
        private bool _saidThatWeightsAreIgnored;

        public override Picker CreatePicker(BackendSet backends)
        {
            if (!backends.HasEqualWeights && !_saidThatWeightsAreIgnored)
            {
                _saidThatWeightsAreIgnored = true;
                Log.WeightsIgnored(context.Logger, context.ServiceName, "round_robin");
            }

            if (!_positionByPool.TryGetValue(backends.Pool, out Position? position))
            {
                _positionByPool.Add(backends.Pool, position = new Position(context.Random.NextInt64(int.MaxValue)));
            }

            return new RoundRobinPicker(backends.EligibleArray, position);
        }
    }

    /// <summary>The number of the last turn that was given out; shared by all pickers of a pool.</summary>
    private sealed class Position(long start)
    {
        private PaddedCounter _turn = new() { Value = start };

        public ulong Peek() => (ulong)Volatile.Read(ref _turn.Value);

        public ulong Take() => (ulong)Interlocked.Increment(ref _turn.Value);
    }

    private sealed class RoundRobinPicker(BackendState[] backends, Position position) : Picker
    {
        private const int TurnsToSkip = 3;

        // floor((2^64 - 1) / n): the upper half of turn * reciprocal is turn / n, or one less. One correction makes the remainder exact, without a division.
        private readonly ulong _reciprocal = backends.Length == 0 ? 0 : ulong.MaxValue / (ulong)backends.Length;

        public override BackendState? Pick(in PickRequest request)
        {
            BackendState[] all = backends;
            if (all.Length == 0)
            {
                return null;
            }

            int index = IndexOf(position.Take());
            return !request.HasExclusions ? all[index] : PickAllowed(request.ExcludedInPlace, index);
        }

        public override string? Describe(in PickRequest request, BackendState backend)
        {
            int index = Array.IndexOf(backends, backend);
            if (index < 0)
            {
                return null;
            }

            int turns = index - IndexOf(position.Peek() + 1);
            return $"in {(turns < 0 ? turns + backends.Length : turns)} turns";
        }

        private int IndexOf(ulong turn)
        {
            ulong count = (uint)backends.Length;
            ulong remainder = turn - (Math.BigMul(turn, _reciprocal, out _) * count);
            return (int)(remainder >= count ? remainder - count : remainder);
        }

        private BackendState PickAllowed(in BackendExclusions excluded, int index)
        {
            // The excluded one loses its turn; the others keep theirs.
            for (int i = 0; i < TurnsToSkip && excluded.Contains(backends[index]); i++)
            {
                index = IndexOf(position.Take());
            }

            for (int i = 0; i < backends.Length; i++)
            {
                int candidate = index + i < backends.Length ? index + i : index + i - backends.Length;
                if (!excluded.Contains(backends[candidate]))
                {
                    return backends[candidate];
                }
            }

            return backends[index];
        }
    }
}
