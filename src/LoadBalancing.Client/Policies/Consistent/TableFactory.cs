using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Hashing;

namespace LoadBalancing.Client.Policies.Consistent;

/// <summary>Keeps one table per pool, and makes a new one only when the keys or weights of the pool have changed: what health does to a backend only makes another picker over the same table.</summary>
internal abstract class TableFactory<TTable>(PolicyContext context, string policy, double? boundedLoadFactor) : PickerFactory
    where TTable : struct, IHashTable
{
    private readonly PoolMemory<Pool> _pools = new();
    private readonly HashlessNotice _notice = new(context, policy);
    private readonly BackendKeys _keys = new(context, policy);

    public override bool UsesHash => true;

    protected PolicyContext Context => context;

    protected string PolicyName => policy;

    public override Picker CreatePicker(BackendSet backends)
    {
        // No backend at all is what a balancer asks for when nothing may be picked; the pool's table waits for better times.
        Pool pool = backends.Count > 0 ? Update(backends) : new Pool();
        BackendState[] eligible = backends.EligibleArray;
        BackendState?[] owners = new BackendState?[Math.Max(1, pool.Members.Length)];
        int[] ownerOfEligible = pool.FindOwners(eligible);
        for (int i = 0; i < eligible.Length; i++)
        {
            if (pool.IsMember(ownerOfEligible[i], eligible[i]))
            {
                owners[ownerOfEligible[i]] = eligible[i];
            }
        }

        LoadBound? bound = boundedLoadFactor is { } factor && factor > 0
            ? new LoadBound(factor, pool.InFlight, LoadBound.Shares(pool.Members, owners))
            : null;
        return new TablePicker<TTable>(pool.Table ?? Build([]), owners, eligible, ownerOfEligible, new HashlessPicks(backends, context, _notice), bound);
    }

    internal override void RetainPools(ReadOnlySpan<int> pools) => _pools.Retain(pools);

    protected abstract TTable Build(ReadOnlySpan<WeightedKey> keys);

    private Pool Update(BackendSet backends)
    {
        Pool pool = _pools.Find(backends.Pool) ?? _pools.Set(backends.Pool, new Pool());
        if (!pool.HasMembers(backends))
        {
            pool.Members = [.. backends.Where(backend => backend.Description.Weight > 0)];
            WeightedKey[] keys = _keys.WithWeightsOf(pool.Members);
            if (pool.Table is null || !keys.AsSpan().SequenceEqual(pool.Keys))
            {
                pool.Keys = keys;
                pool.Table = Build(keys);
            }
        }

        if (boundedLoadFactor > 0)
        {
            foreach (BackendState backend in backends)
            {
                backend.PoolInFlight = pool.InFlight;
            }
        }

        return pool;
    }

    /// <summary>What is remembered of one pool. Guarded by the balancer's writer lock.</summary>
    private sealed class Pool
    {
        public InFlightTotal InFlight => field ??= new InFlightTotal();

        /// <summary>The backends whose weight is not 0, in listed order: the owners of the table.</summary>
        public BackendState[] Members { get; set; } = [];

        public WeightedKey[] Keys { get; set; } = [];

        public TTable? Table { get; set; }

        public bool HasMembers(BackendSet backends)
        {
            int next = 0;
            for (int i = 0; i < backends.Count; i++)
            {
                double weight = backends[i].Description.Weight;
                if (weight <= 0)
                {
                    continue;
                }

                if (next == Members.Length || !ReferenceEquals(Members[next], backends[i]) || !Keys[next].Weight.Equals(weight))
                {
                    return false;
                }

                next++;
            }

            return next == Members.Length;
        }

        public bool IsMember(int owner, BackendState backend) => owner < Members.Length && ReferenceEquals(Members[owner], backend);

        /// <summary>The places of some members, which are usually in the same order.</summary>
        public int[] FindOwners(BackendState[] some)
        {
            int[] owners = new int[some.Length];
            int next = 0;
            for (int i = 0; i < some.Length; i++)
            {
                while (next < Members.Length && !ReferenceEquals(Members[next], some[i]))
                {
                    next++;
                }

                if (next == Members.Length)
                {
                    return FindOwnersInAnyOrder(some);
                }

                owners[i] = next;
            }

            return owners;
        }

        private int[] FindOwnersInAnyOrder(BackendState[] some)
        {
            Dictionary<BackendState, int> ownerOf = Members.Index().ToDictionary(member => member.Item, member => member.Index);
            return Array.ConvertAll(some, backend => ownerOf.GetValueOrDefault(backend));
        }
    }
}
