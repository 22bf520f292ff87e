namespace LoadBalancing.Client.Balancing;

/// <summary>
/// Some backends, and how each of them stood when they were counted. Flags are read once: they change while a snapshot is built, and what is counted must be what is chosen. Guarded by the writers' lock.
/// </summary>
internal sealed class Census
{
    /// <summary>Out on purpose, so on neither side of any fraction.</summary>
    private const Unavailability Deliberate = Unavailability.Draining | Unavailability.Isolated;

    private readonly Unavailability[] _flags;
    private double[]? _ramps;

    private Census(BackendState[] backends, Unavailability[] flags, double[]? ramps)
    {
        Backends = backends;
        _flags = flags;
        _ramps = ramps;
        for (int i = 0; i < backends.Length; i++)
        {
            UsableCount += IsUsable(i) ? 1 : 0;
            EligibleCount += IsEligible(i) ? 1 : 0;
            FirmCount += IsFirm(i) ? 1 : 0;
        }
    }

    public BackendState[] Backends { get; }

    /// <summary>How many nobody took out on purpose.</summary>
    public int UsableCount { get; }

    /// <summary>How many may receive attempts.</summary>
    public int EligibleCount { get; }

    /// <summary>How many of these are no mere trial: a half-open circuit lets only a few attempts through, so a pool cannot live on it.</summary>
    public int FirmCount { get; }

    /// <summary>The share of <see cref="FirmCount">those</see> by weight, among those that nobody took out on purpose: from 0 to 1, and 0 only if there are none.</summary>
    public double EligibleShare
    {
        get
        {
            double largest = Backends.Length == 0 ? 0 : Backends.Max(backend => backend.Description.Weight);
            double eligible = 0;
            double usable = 0;
            for (int i = 0; i < Backends.Length; i++)
            {
                // Relative to the largest, or sums may not be finite.
                double weight = IsUsable(i) ? Backends[i].Description.Weight / largest : 0;
                usable += weight;
                eligible += IsFirm(i) ? weight : 0;
            }

            return FirmCount == 0 ? 0 : Math.Clamp(eligible / usable, double.Epsilon, 1);
        }
    }

    private bool IsFirm(int index) => IsEligible(index) && Backends[index].CircuitOfBreaker != CircuitState.HalfOpen;

    /// <summary>Counts these backends as they are now.</summary>
    public static Census Take(BackendState[] backends) => new(backends, Array.ConvertAll(backends, backend => backend.Unavailability), ramps: null);

    public bool IsUsable(int index) => Backends[index].Description.Weight > 0 && (_flags[index] & Deliberate) == 0;

    public bool IsEligible(int index) => _flags[index] == Unavailability.None && Backends[index].Description.Weight > 0;

    /// <summary>The weight that counts while nobody fails open: less than the description's in a slow start.</summary>
    public double EffectiveWeight(int index)
    {
        double weight = Backends[index].Description.Weight;
        return _ramps is null || weight <= 0 ? weight : Math.Max(weight * _ramps[index], double.Epsilon);
    }

    /// <summary>Lowers the effective weight of a backend to a share of its weight.</summary>
    public void SetRamp(int index, double share)
    {
        if (_ramps is null)
        {
            _ramps = new double[Backends.Length];
            Array.Fill(_ramps, 1);
        }

        _ramps[index] = share;
    }

    /// <summary>A census for each group of the backends, in the order of their keys.</summary>
    public (TKey Key, Census Census)[] GroupBy<TKey>(Func<BackendState, TKey> keyOf, IComparer<TKey> comparer)
        where TKey : notnull
    {
        if (Backends.Length == 0)
        {
            return [];
        }

        TKey first = keyOf(Backends[0]);
        return Array.TrueForAll(Backends, backend => comparer.Compare(keyOf(backend), first) == 0)
            ? [(first, this)]
            : [.. Enumerable.Range(0, Backends.Length).GroupBy(index => keyOf(Backends[index])).OrderBy(group => group.Key, comparer).Select(group => (group.Key, Pick([.. group])))];
    }

    /// <summary>The snapshot of these backends as one pool.</summary>
    /// <param name="pool">The pool's number.</param>
    /// <param name="failsOpen">Whether all are used that nobody took out on purpose, at their full weight.</param>
    public BackendSet ToSet(int pool, bool failsOpen)
    {
        int count = failsOpen ? UsableCount : EligibleCount;
        BackendState[] chosen = new BackendState[count];
        double[] weights = new double[count];
        int next = 0;
        for (int i = 0; i < Backends.Length; i++)
        {
            if (failsOpen ? IsUsable(i) : IsEligible(i))
            {
                chosen[next] = Backends[i];
                weights[next++] = failsOpen ? Backends[i].Description.Weight : EffectiveWeight(i);
            }
        }

        return new BackendSet(Backends, chosen, weights, pool);
    }

    private Census Pick(int[] indexes) =>
        new(Array.ConvertAll(indexes, index => Backends[index]), Array.ConvertAll(indexes, index => _flags[index]), _ramps is null ? null : Array.ConvertAll(indexes, index => _ramps[index]));
}
