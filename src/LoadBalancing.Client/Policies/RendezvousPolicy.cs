using System.Globalization;
using System.Text;
using LoadBalancing.Client.Policies;
using LoadBalancing.Client.Policies.Consistent;

namespace LoadBalancing.Client;

/// <summary>
/// A key stays with its backend, by rendezvous: for each key every backend has a random score, and the highest wins. No table: a backend that comes or goes moves exactly the keys that it wins or loses, and weights are
/// followed exactly; but a pick looks at all backends, so this is for small sets. A request without a hash is picked at random.
/// </summary>
/// <remarks>
/// <para>
/// The score is −w / ln(u), where w is the <see cref="Backend.Weight"/>, u = (⌊h / 2^12⌋ + ½) / 2^52, h = XXH64(the eight bytes of k, least significant first; seed = the request's hash) and
/// k = XXH64(<c>"{host:port}"</c>) of the backend's address (a base path follows the port, where there is one, and <c>#id</c>, where another backend has the same address and an id that
/// sorts before). Slow start has no effect on keys.
/// </para>
/// <para>Sources: D. Thaler, C. Ravishankar, "Using Name-Based Mappings to Increase Hit Rates" (1998); the weighted score: J. Resch, "New Hashing Algorithms for Data Storage" (SNIA, 2015).</para>
/// </remarks>
public sealed class RendezvousPolicy : LoadBalancingPolicy
{
    /// <inheritdoc/>
    public override string Name => "rendezvous";

    /// <inheritdoc/>
    public override string Description => "the highest random weight of all";

    /// <inheritdoc/>
    public override PickerFactory CreateFactory(PolicyContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new Factory(context, new HashlessNotice(context, Name), new BackendKeys(context, Name));
    }

    private sealed class Factory(PolicyContext context, HashlessNotice notice, BackendKeys keys) : PickerFactory
    {
        private readonly PoolMemory<NamedBackends> _named = new();

        public override bool UsesHash => true;

        public override Picker CreatePicker(BackendSet backends)
        {
            // Named among all that could be picked, so that no name depends on who is eligible now; and again only when those change.
            BackendState[] owners = [.. backends.Where(backend => backend.Description.Weight > 0)];
            NamedBackends? named = _named.Find(backends.Pool);
            if (named is null || !named.Owners.AsSpan().SequenceEqual(owners))
            {
                IEnumerable<ulong> hashes = keys.Of(owners).Select(key => XxHash64.Hash(Encoding.UTF8.GetBytes(key)));
                named = _named.Set(backends.Pool, new NamedBackends(owners, owners.Zip(hashes).ToDictionary()));
            }

            BackendState[] eligible = backends.EligibleArray;
            return new RendezvousPicker(eligible, Array.ConvertAll(eligible, backend => named.KeyOf[backend]), new HashlessPicks(backends, context, notice));
        }

        internal override void RetainPools(ReadOnlySpan<int> pools) => _named.Retain(pools);
    }

    private sealed record NamedBackends(BackendState[] Owners, Dictionary<BackendState, ulong> KeyOf);

    private sealed class RendezvousPicker : HashPicker
    {
        private readonly BackendState[] _backends;
        private readonly ulong[] _keys;
        private readonly double[]? _inverseWeights;
        private readonly HashlessPicks _hashless;

        /// <param name="backends">The eligible backends.</param>
        /// <param name="keys">The hashes of their names.</param>
        /// <param name="hashless">What to do without a hash.</param>
        public RendezvousPicker(BackendState[] backends, ulong[] keys, HashlessPicks hashless)
        {
            _backends = backends;
            _keys = keys;
            _hashless = hashless;
            double[] weights = Array.ConvertAll(backends, backend => backend.Description.Weight);
            if (weights.AsSpan().IndexOfAnyExcept(weights.Length == 0 ? 0 : weights[0]) >= 0)
            {
                // Relative to the largest, so that no inverse overflows.
                double largest = weights.Max();
                _inverseWeights = Array.ConvertAll(weights, weight => Math.Min(largest / weight, 1e300));
            }
        }

        public override BackendState? Pick(in PickRequest request)
        {
            if (_backends.Length <= 1)
            {
                return _backends.Length == 0 ? null : _backends[0];
            }

            if (request.Hash is not { } hash)
            {
                return _hashless.Pick(request);
            }

            int best = FindBest(hash, request.ExcludedInPlace);

            // All are excluded: that is ignored then.
            return _backends[best >= 0 ? best : FindBest(hash, default)];
        }

        public override IReadOnlyList<BackendState> GetBackends(ulong hash, int count)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(count);
            double[] costs = new double[_backends.Length];
            int[] order = new int[_backends.Length];
            for (int i = 0; i < order.Length; i++)
            {
                (costs[i], order[i]) = (CostOf(i, hash), i);
            }

            Array.Sort(order, (left, right) => costs[left].CompareTo(costs[right]) is not 0 and int difference ? difference : left - right);
            return [.. order.Take(count).Select(index => _backends[index])];
        }

        public override string? Describe(in PickRequest request, BackendState backend)
        {
            int index = Array.IndexOf(_backends, backend);
            return index < 0 || request.Hash is not { } hash
                ? null
                : string.Create(CultureInfo.InvariantCulture, $"score {-backend.Description.Weight / Math.Log(UnitOf(_keys[index], hash)):0.###}");
        }

        private static double UnitOf(ulong key, ulong hash) => ((XxHash64.Hash(key, hash) >> 12) + 0.5) * (1.0 / (1UL << 52));

        /// <summary>The lowest wins: the inverse of the score, times the largest weight; with equal weights 1 − u, which is in the same order.</summary>
        private double CostOf(int index, ulong hash)
        {
            double unit = UnitOf(_keys[index], hash);
            return _inverseWeights is null ? 1 - unit : -Math.Log(unit) * _inverseWeights[index];
        }

        private int FindBest(ulong hash, in BackendExclusions excluded)
        {
            bool isAnyExcluded = !excluded.IsEmpty;
            double[]? inverseWeights = _inverseWeights;
            ulong[] keys = _keys;
            int best = -1;
            double least = double.PositiveInfinity;
            for (int i = 0; i < keys.Length; i++)
            {
                // −ln(u) is never below 1 − u, so most backends are out of the race without a logarithm.
                double unit = UnitOf(keys[i], hash);
                double cost = 1 - unit;
                if (inverseWeights is not null && cost * inverseWeights[i] < least)
                {
                    cost = -Math.Log(unit) * inverseWeights[i];
                }
                else if (inverseWeights is not null)
                {
                    continue;
                }

                if (cost < least && !(isAnyExcluded && excluded.Contains(_backends[i])))
                {
                    (best, least) = (i, cost);
                }
            }

            return best;
        }
    }
}
