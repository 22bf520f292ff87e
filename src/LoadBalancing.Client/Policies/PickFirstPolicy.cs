using LoadBalancing.Client.Policies;

namespace LoadBalancing.Client;

/// <summary>The first eligible backend in listed order; once chosen it stays until it is lost. For a primary with stand-bys. Source: gRPC's <c>pick_first</c>.</summary>
public sealed class PickFirstPolicy : LoadBalancingPolicy
{
    /// <inheritdoc/>
    public override string Name => "pick_first";

    /// <inheritdoc/>
    public override string Description => "the first eligible in listed order, for as long as it is eligible";

    /// <inheritdoc/>
    public override PickerFactory CreateFactory(PolicyContext context) => new Factory();

    private sealed class Factory : PickerFactory
    {
        private readonly PoolMemory<BackendState> _current = new();

        public override Picker CreatePicker(BackendSet backends)
        {
            ReadOnlySpan<BackendState> eligible = backends.Eligible;
            if (eligible.IsEmpty)
            {
                return new FirstPicker([], 0);
            }

            int current = _current.Find(backends.Pool) is { } kept ? Math.Max(0, eligible.IndexOf(kept)) : 0;
            if (backends.Viewer is null)
            {
                _current.Set(backends.Pool, eligible[current]);
            }

            return new FirstPicker(backends.EligibleArray, current);
        }

        internal override void RetainPools(ReadOnlySpan<int> pools) => _current.Retain(pools);
    }

    private sealed class FirstPicker(BackendState[] backends, int current) : Picker
    {
        public override BackendState? Pick(in PickRequest request)
        {
            if (backends.Length == 0)
            {
                return null;
            }

            if (request.HasExclusions && request.ExcludedInPlace.Contains(backends[current]))
            {
                foreach (BackendState backend in backends)
                {
                    if (!request.ExcludedInPlace.Contains(backend))
                    {
                        return backend;
                    }
                }
            }

            return backends[current];
        }

        public override string? Describe(in PickRequest request, BackendState backend) =>
            Array.IndexOf(backends, backend) switch
            {
                < 0 => null,
                int index when index == current => "in use",
                int index => $"stand-by {index + 1} of {backends.Length}",
            };
    }
}
