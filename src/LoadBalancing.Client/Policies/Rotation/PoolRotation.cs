using System.Runtime.CompilerServices;
using LoadBalancing.Client.Backends;

namespace LoadBalancing.Client.Policies.Rotation;

/// <summary>
/// The rotation of one pool, which outlives its pickers: a new one goes on where the last one is. Used under the writers' lock; turns that the last picker gives out meanwhile move the new one on by as many.
/// </summary>
internal sealed class PoolRotation
{
    private readonly TurnCounter _turns;
    private RotationPicker? _last;
    private RotationPlace? _lastBegan;
    private ulong _lastBeganAt;
    private ConditionalWeakTable<object, PoolRotation>? _ofViewers;

    /// <param name="random">Draws where it begins: anywhere, so that clients do not march together.</param>
    public PoolRotation(Random random) => _turns = new TurnCounter(TurnCounter.DrawStart(random));

    private PoolRotation(PoolRotation pool)
    {
        _turns = new TurnCounter((long)pool._turns.Peek());
        _last = pool._last;
        _lastBegan = pool._lastBegan;
        _lastBeganAt = pool._lastBeganAt;
    }

    /// <summary>
    /// The rotation for a snapshot of the pool. That of somebody who sees only a part of it begins where the pool's is, and goes its own way from there: two cycles that are not the same cannot share one count of turns without each
    /// being uneven for as long as the other is in use. It is forgotten with the viewer, or with the pool.
    /// </summary>
    public PoolRotation For(BackendSet backends) =>
        backends.Viewer is null || backends.Eligible.IsEmpty ? this : (_ofViewers ??= []).GetOrAdd(backends.Viewer, _ => new PoolRotation(this));

    /// <summary>A picker that takes the turns of a cycle.</summary>
    /// <param name="cycle">Whose turn it is, for one whole cycle. If it is empty the place is kept for the next one.</param>
    public CyclePicker Take(BackendState[] cycle)
    {
        ulong turn = _turns.Peek();
        RotationPlace? place = FindPlace(turn);
        CyclePicker picker = new(cycle, _turns, turn, place?.FindIn(cycle) ?? -1);
        if (cycle.Length > 0)
        {
            Keep(picker, turn, place);
        }

        return picker;
    }

    /// <summary>A picker that walks over backends whose weights make no short cycle.</summary>
    public StridePicker TakeStrides(BackendSet backends)
    {
        ulong turn = _turns.Peek();
        RotationPlace? place = FindPlace(turn);
        ulong start = _last is StridePicker last ? last.PositionAt(turn) : turn;
        if (place?.FindIn(backends.EligibleArray) is { } index and >= 0)
        {
            start = ((start >> 32) << 32) | (uint)index;
        }

        StridePicker picker = new(backends.EligibleArray, new StrideTable(backends.EligibleWeights), start);
        Keep(picker, turn, place);
        return picker;
    }

    /// <summary>Where the last picker is. As long as it has given no turn out, that is where it began: the one before it knows better who was served last.</summary>
    private RotationPlace? FindPlace(ulong turn) =>
        _last?.PositionAt(turn) is { } position && position != _lastBeganAt ? _last.PlaceAt(position) : _lastBegan;

    private void Keep(RotationPicker picker, ulong turn, RotationPlace? place)
    {
        _last = picker;
        _lastBegan = place;
        _lastBeganAt = picker.PositionAt(turn);
    }
}
