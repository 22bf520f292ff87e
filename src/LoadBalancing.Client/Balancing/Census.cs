using LoadBalancing.Client.Balancing.Views;

namespace LoadBalancing.Client.Balancing;

/// <summary>
/// Some backends, and how each of them stood when they were counted. Flags are read once: they change while a snapshot is built, and what is counted must be what is chosen. Made under the writers' lock, and not changed after the
/// snapshot is built: views are counted from it.
/// </summary>
internal sealed class Census
{
    /// <summary>Out on purpose, so on neither side of any fraction.</summary>
    private const Unavailability Deliberate = Unavailability.Draining | Unavailability.Isolated;

    private readonly Unavailability[] _flags;
    private readonly bool[] _areTrials;
    private readonly Readiness[]? _readiness;
    private readonly object? _viewer;
    private double[]? _ramps;

    private Census(BackendState[] backends, Unavailability[] flags, bool[] areTrials, double[]? ramps, Readiness[]? readiness, object? viewer)
    {
        Backends = backends;
        _flags = flags;
        _areTrials = areTrials;
        _ramps = ramps;
        _readiness = readiness;
        _viewer = viewer;
        for (int i = 0; i < backends.Length; i++)
        {
            UsableCount += IsUsable(i) ? 1 : 0;
            EligibleCount += IsEligible(i) ? 1 : 0;
            FirmCount += IsFirm(i) ? 1 : 0;
            PickableCount += IsPickable(i, failsOpen: false) ? 1 : 0;
        }
    }

    public BackendState[] Backends { get; }

    /// <summary>How many nobody took out on purpose.</summary>
    public int UsableCount { get; }

    /// <summary>How many may receive attempts, in a view some of them only once they are connected.</summary>
    public int EligibleCount { get; }

    /// <summary>How many of these can be picked now: all of them, but in a view.</summary>
    public int PickableCount { get; }

    /// <summary>How many of the eligible are no mere trial: a half-open circuit lets only a few attempts through, so a pool cannot live on it.</summary>
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

    private bool IsFirm(int index) => IsEligible(index) && !_areTrials[index];

    /// <summary>Counts these backends as they are now.</summary>
    public static Census Take(BackendState[] backends)
    {
        // The flags first: a circuit that becomes half-open afterwards was open, and is not eligible here.
        Unavailability[] flags = Array.ConvertAll(backends, backend => backend.Unavailability);
        return new(backends, flags, Array.ConvertAll(backends, backend => backend.CircuitOfBreaker == CircuitState.HalfOpen), ramps: null, readiness: null, viewer: null);
    }

    /// <summary>The same backends, as they stand for somebody who cannot reach all of them.</summary>
    public Census SeenBy(object viewer, IReadOnlyDictionary<BackendState, Readiness> readiness) =>
        new(Backends, _flags, _areTrials, _ramps, Array.ConvertAll(Backends, backend => readiness.GetValueOrDefault(backend)), viewer);

    public bool IsUsable(int index) => Backends[index].Description.Weight > 0 && (_flags[index] & Deliberate) == 0;

    public bool IsEligible(int index) => _flags[index] == Unavailability.None && Backends[index].Description.Weight > 0 && ReadinessOf(index) != Readiness.Failed;

    public bool IsPickable(int index, bool failsOpen) => ReadinessOf(index) == Readiness.Ready && (failsOpen ? IsUsable(index) : IsEligible(index));

    /// <summary>Whether anybody could be picked.</summary>
    /// <param name="failsOpen">Whether health is not looked at.</param>
    public bool IsAnyPickable(bool failsOpen) => CountPickable(failsOpen) > 0;

    /// <summary>Whether anybody could be picked, were it connected.</summary>
    /// <param name="failsOpen">Whether health is not looked at.</param>
    public bool IsAnyPending(bool failsOpen) =>
        _readiness is not null && Enumerable.Range(0, Backends.Length).Any(index => ReadinessOf(index) == Readiness.Pending && (failsOpen ? IsUsable(index) : IsEligible(index)));

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
        int count = CountPickable(failsOpen);
        BackendState[] chosen = new BackendState[count];
        double[] weights = new double[count];
        int next = 0;
        for (int i = 0; i < Backends.Length; i++)
        {
            if (IsPickable(i, failsOpen))
            {
                chosen[next] = Backends[i];
                weights[next++] = failsOpen ? Backends[i].Description.Weight : EffectiveWeight(i);
            }
        }

        return new BackendSet(Backends, chosen, weights, pool, _viewer);
    }

    private Readiness ReadinessOf(int index) => _readiness is null ? Readiness.Ready : _readiness[index];

    private int CountPickable(bool failsOpen) => failsOpen ? Enumerable.Range(0, Backends.Length).Count(index => IsPickable(index, failsOpen)) : PickableCount;

    private Census Pick(int[] indexes) => new(
        Array.ConvertAll(indexes, index => Backends[index]),
        Array.ConvertAll(indexes, index => _flags[index]),
        Array.ConvertAll(indexes, index => _areTrials[index]),
        _ramps is null ? null : Array.ConvertAll(indexes, index => _ramps[index]),
        _readiness is null ? null : Array.ConvertAll(indexes, index => _readiness[index]),
        _viewer);
}
