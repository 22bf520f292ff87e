using System.Globalization;

namespace LoadBalancing.Client.Policies.Rotation;

/// <summary>Takes the turns of a cycle one after the other.</summary>
internal sealed class CyclePicker : RotationPicker
{
    private readonly BackendState[] _cycle;
    private readonly TurnCounter _turns;
    private readonly Divisor _length;

    /// <summary>What lies between the number of a turn and its place: turns go on when the cycle changes, and fall on other places then.</summary>
    private readonly uint _shift;

    /// <param name="cycle">Whose turn it is, for one whole cycle.</param>
    /// <param name="turns">Counts turns.</param>
    /// <param name="turn">The number of a turn.</param>
    /// <param name="place">Where in the cycle it falls; -1 for anywhere.</param>
    public CyclePicker(BackendState[] cycle, TurnCounter turns, ulong turn, int place)
    {
        _cycle = cycle;
        _turns = turns;
        _length = new Divisor((uint)Math.Max(cycle.Length, 1));
        _shift = place < 0 ? 0 : (uint)(place + cycle.Length - IndexOf(turn));
    }

    public override BackendState? Pick(in PickRequest request)
    {
        BackendState[] cycle = _cycle;
        if (cycle.Length == 0)
        {
            return null;
        }

        return request.HasExclusions ? PickAllowed(request.ExcludedInPlace) : cycle[IndexOf(_turns.Take())];
    }

    public override ulong PositionAt(ulong turn) => turn;

    public override RotationPlace PlaceAt(ulong position) => new(_cycle, IndexOf(position));

    public override string? Describe(in PickRequest request, BackendState backend)
    {
        int share = _cycle.Count(candidate => ReferenceEquals(candidate, backend));
        if (share == 0)
        {
            return null;
        }

        int next = IndexOf(_turns.Peek());
        int wait = Array.IndexOf(_cycle, backend, next);
        wait = (wait < 0 ? Array.IndexOf(_cycle, backend) + _cycle.Length : wait) - next;
        return share == 1
            ? string.Create(CultureInfo.InvariantCulture, $"in {wait} turns")
            : string.Create(CultureInfo.InvariantCulture, $"in {wait} turns, has {share} of {_cycle.Length}");
    }

    private int IndexOf(ulong turn)
    {
        _length.Divide(turn + _shift, out uint index);
        return (int)index;
    }

    /// <summary>Excluded backends lose their turns; the others keep theirs.</summary>
    private BackendState PickAllowed(in BackendExclusions excluded)
    {
        for (int tries = 1; ; tries++)
        {
            ulong first = _turns.Peek();
            int index = IndexOf(first);
            int skipped = 0;
            while (skipped < _cycle.Length && excluded.Contains(_cycle[index]))
            {
                skipped++;
                index = index + 1 == _cycle.Length ? 0 : index + 1;
            }

            if (skipped == _cycle.Length)
            {
                // All are excluded: that is ignored then.
                return _cycle[IndexOf(_turns.Take())];
            }

            // Somebody may always come between; after some tries the turn is used without being taken.
            if (_turns.TryTake(first, first + (ulong)skipped + 1) || tries == TurnCounter.MaxTries)
            {
                return _cycle[index];
            }
        }
    }
}
