using LoadBalancing.Client.Backends;

namespace LoadBalancing.Client.Policies.Rotation;

/// <summary>
/// The rotation of one pool, which outlives its pickers: a new one goes on where the last one is. Used under the writers' lock; turns that the last picker gives out meanwhile move the new one on by as many.
/// </summary>
/// <param name="random">Draws where it begins: anywhere, so that clients do not march together.</param>
internal sealed class PoolRotation(Random random)
{
    private readonly TurnCounter _turns = new(TurnCounter.DrawStart(random));
    private RotationPicker? _last;
    private RotationPlace? _lastBegan;
    private ulong _lastBeganAt;

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
