using System.Collections.Frozen;
using LoadBalancing.Client.Balancing.Tiers;

namespace LoadBalancing.Client.Balancing;

/// <summary>
/// Turns what is known about the backends into who may be picked: takes out what was taken out on purpose, spreads load over the priority tiers, judges panic, and builds the tree of pickers.
/// Runs under the writers' lock.
/// </summary>
internal sealed class AvailabilityMerge
{
    /// <summary>Out on purpose, so on neither side of any fraction.</summary>
    private const Unavailability Deliberate = Unavailability.Draining | Unavailability.Isolated;

    private readonly PickerFactory _factory;
    private readonly Random _random;
    private readonly double _panicThreshold;
    private readonly bool _failClosed;

    public AvailabilityMerge(PickerFactory factory, Random random, double panicThreshold, bool failClosed)
    {
        _factory = factory;
        _random = random;
        _panicThreshold = panicThreshold;
        _failClosed = failClosed;
    }

    public PickerFactory Factory => _factory;

    public Snapshot Build(BackendState[] listed, bool isLive)
    {
        Pool[] pools = SplitByPriority(listed);
        int[] load = JudgePanic(pools);
        MarkReasons(pools);

        BackendSet backends = pools.Length == 1 ? pools[0].ToSet() : Join(listed, pools);
        Snapshot snapshot = new(backends, BuildPicker(pools, load), isLive, _factory.UsesHash, LoadByPriority(pools, load));
        _factory.RetainPools([.. pools.Select(pool => pool.ToSet()).Where(set => set.Count > 0).Select(set => set.Pool)]);
        return snapshot;
    }

    private static FrozenDictionary<int, int> LoadByPriority(Pool[] pools, int[] load) =>
        pools.Length <= 1
            ? FrozenDictionary<int, int>.Empty
            : pools.Zip(load, (pool, share) => KeyValuePair.Create(pool.Priority, share)).ToFrozenDictionary();

    private static Pool[] SplitByPriority(BackendState[] listed)
    {
        int first = listed.Length == 0 ? 0 : listed[0].Description.Priority;
        return Array.TrueForAll(listed, backend => backend.Description.Priority == first)
            ? [new Pool(first, listed)]
            : [.. listed.GroupBy(backend => backend.Description.Priority).OrderBy(group => group.Key).Select(group => new Pool(group.Key, [.. group]))];
    }

    /// <summary>Decides which tiers fail open, and returns the load of each in per cent.</summary>
    private int[] JudgePanic(Pool[] pools)
    {
        int[] health = Array.ConvertAll(pools, pool => TierLoad.Health(pool.EligibleCount, pool.UsableCount));
        int[] load = TierLoad.Spread(health);
        bool isNothingEligible = Array.TrueForAll(pools, pool => pool.EligibleCount == 0);
        if (load.Sum() == 0 && !isNothingEligible)
        {
            // In whole per cent it is no health, but it is not nothing.
            load = TierLoad.SpreadByCount(Array.ConvertAll(pools, pool => pool.EligibleCount));
        }

        if (_failClosed || health.Sum() >= 100)
        {
            return load;
        }

        foreach (Pool pool in pools)
        {
            pool.FailsOpen = pool.UsableCount > 0
                && (isNothingEligible || (double)pool.EligibleCount / pool.UsableCount < _panicThreshold);
        }

        return isNothingEligible || Array.TrueForAll(pools, pool => pool.FailsOpen || pool.UsableCount == 0)
            ? TierLoad.SpreadByCount(Array.ConvertAll(pools, pool => pool.UsableCount))
            : load;
    }

    private static void MarkReasons(Pool[] pools)
    {
        bool isFirst = true;
        foreach (Pool pool in pools)
        {
            PickReasons reasons = (pool.FailsOpen ? PickReasons.FailOpen : 0) | (isFirst ? 0 : PickReasons.SpilledTier);
            foreach (BackendState backend in pool.All)
            {
                backend.StandingReasons = reasons;
            }

            isFirst &= pool.UsableCount == 0;
        }
    }

    private static BackendSet Join(BackendState[] listed, Pool[] pools)
    {
        BackendSet[] sets = Array.ConvertAll(pools, pool => pool.ToSet());
        return new BackendSet(
            listed,
            [.. sets.SelectMany(set => set.EligibleArray)],
            [.. sets.SelectMany(set => set.EligibleWeights.ToArray())]);
    }

    private Picker CreatePicker(BackendSet backends) =>
        _factory.CreatePicker(backends) ?? throw new InvalidOperationException($"{_factory.GetType()}.CreatePicker returned null.");

    private Picker BuildPicker(Pool[] pools, int[] load)
    {
        List<TierPicker.Tier> tiers = [];
        for (int i = 0; i < pools.Length; i++)
        {
            if (load[i] > 0)
            {
                tiers.Add(new TierPicker.Tier(pools[i].Priority, load[i], CreatePicker(pools[i].ToSet())));
            }
        }

        return tiers.Count switch
        {
            0 => CreatePicker(BackendSet.Empty),
            1 => tiers[0].Picker,
            _ => new TierPicker([.. tiers], _random),
        };
    }

    /// <summary>The backends of one priority.</summary>
    private sealed class Pool
    {
        // Read once: flags change while we judge, and what is counted must be what is chosen.
        private readonly Unavailability[] _unavailability;
        private readonly int _usable;
        private readonly int _eligible;
        private BackendSet? _set;

        public Pool(int priority, BackendState[] all)
        {
            Priority = priority;
            All = all;
            _unavailability = Array.ConvertAll(all, backend => backend.Unavailability);
            for (int i = 0; i < all.Length; i++)
            {
                bool isUsable = IsUsable(i);
                _usable += isUsable ? 1 : 0;
                _eligible += isUsable && _unavailability[i] == Unavailability.None ? 1 : 0;
            }
        }

        public int Priority { get; }

        public BackendState[] All { get; }

        /// <summary>Those that nobody took out on purpose.</summary>
        public int UsableCount => _usable;

        public int EligibleCount => _eligible;

        public bool FailsOpen { get; set; }

        public BackendSet ToSet()
        {
            if (_set is null)
            {
                int capacity = FailsOpen ? _usable : _eligible;
                BackendState[] chosen = new BackendState[capacity];
                double[] weights = new double[capacity];
                int count = 0;
                for (int i = 0; i < All.Length; i++)
                {
                    if (IsUsable(i) && (FailsOpen || _unavailability[i] == Unavailability.None))
                    {
                        chosen[count] = All[i];
                        weights[count++] = All[i].Description.Weight;
                    }
                }

                _set = new BackendSet(All, chosen, weights, Priority);
            }

            return _set;
        }

        private bool IsUsable(int index) => All[index].Description.Weight > 0 && (_unavailability[index] & Deliberate) == 0;
    }
}
