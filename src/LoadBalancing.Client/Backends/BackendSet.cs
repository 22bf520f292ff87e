using System.Collections;

namespace LoadBalancing.Client;

/// <summary>
/// An immutable snapshot of a pool of backends: all of them in listed order, and which of them may receive new attempts, at what weight. The states inside are live.
/// </summary>
public sealed class BackendSet : IReadOnlyList<BackendState>
{
    private readonly BackendState[] _all;
    private readonly BackendState[] _eligible;
    private readonly double[] _weights;

    internal BackendSet(BackendState[] all, BackendState[] eligible, double[] weights, int pool = 0, object? viewer = null)
    {
        _all = all;
        Pool = pool;
        Viewer = viewer;
        _eligible = eligible;
        _weights = weights;
        HasEqualWeights = weights.AsSpan().IndexOfAnyExcept(weights.Length == 0 ? 0 : weights[0]) < 0;
    }

    /// <summary>A pool without backends.</summary>
    public static BackendSet Empty { get; } = new([], [], []);

    /// <summary>How many backends there are, eligible or not.</summary>
    public int Count => _all.Length;

    /// <summary>
    /// Which pool of its balancer this is a snapshot of: a number without a meaning of its own. Each priority tier is a pool, and where traffic stays in its zone, so is each zone of a tier.
    /// The same pool keeps its number across rebuilds, so a factory can keep memory per pool.
    /// </summary>
    public int Pool { get; }

    /// <summary>The backends that may receive new attempts when the snapshot was made, in listed order.</summary>
    public ReadOnlySpan<BackendState> Eligible => _eligible;

    /// <summary>The effective weights of <see cref="Eligible"/>, in the same order: finite and above 0.</summary>
    public ReadOnlySpan<double> EligibleWeights => _weights;

    /// <summary>Whether all eligible backends weigh the same, so that a policy can skip weighing.</summary>
    public bool HasEqualWeights { get; }

    /// <summary>The backend at <paramref name="index"/> of all, in listed order.</summary>
    public BackendState this[int index] => _all[index];

    /// <summary>The backend with this id, or <see langword="null"/>. Takes a look at each.</summary>
    public BackendState? Find(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return Array.Find(_all, backend => string.Equals(backend.Id, id, StringComparison.Ordinal));
    }

    /// <inheritdoc/>
    public IEnumerator<BackendState> GetEnumerator() => ((IEnumerable<BackendState>)_all).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The array behind <see cref="Eligible"/>: a picker reads it, nobody writes it.</summary>
    internal BackendState[] EligibleArray => _eligible;

    /// <summary>Whose snapshot it is: nothing for that of the balancer itself. What a policy remembers of a pool is the balancer's; it may be read for a viewer, but what one viewer sees must not change it for all.</summary>
    internal object? Viewer { get; }

    /// <summary>Whether a picker over the other one is a picker over this one.</summary>
    internal bool IsSameAs(BackendSet other) =>
        Pool == other.Pool && _all.AsSpan().SequenceEqual(other._all) && _eligible.AsSpan().SequenceEqual(other._eligible) && _weights.AsSpan().SequenceEqual(other._weights);
}
