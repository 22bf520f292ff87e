using System.Globalization;

namespace LoadBalancing.Client.Policies.Rotation;

/// <summary>Takes the turns of a cycle one after the other.</summary>
/// <param name="cycle">Whose turn it is, for one whole cycle.</param>
/// <param name="turns">Counts turns.</param>
internal sealed class CyclePicker(BackendState[] cycle, TurnCounter turns) : Picker
{
    private readonly Divisor _length = new((uint)Math.Max(cycle.Length, 1));

    public override BackendState? Pick(in PickRequest request)
    {
        if (cycle.Length == 0)
        {
            return null;
        }

        return request.HasExclusions ? PickAllowed(request.ExcludedInPlace) : cycle[IndexOf(turns.Take())];
    }

    public override string? Describe(in PickRequest request, BackendState backend)
    {
        int share = cycle.Count(candidate => ReferenceEquals(candidate, backend));
        if (share == 0)
        {
            return null;
        }

        int wait = Array.IndexOf(cycle, backend, IndexOf(turns.Peek()));
        wait = (wait < 0 ? Array.IndexOf(cycle, backend) + cycle.Length : wait) - IndexOf(turns.Peek());
        return share == 1
            ? string.Create(CultureInfo.InvariantCulture, $"in {wait} turns")
            : string.Create(CultureInfo.InvariantCulture, $"in {wait} turns, has {share} of {cycle.Length}");
    }

    private int IndexOf(ulong turn)
    {
        _length.Divide(turn, out uint index);
        return (int)index;
    }

    /// <summary>Excluded backends lose their turns; the others keep theirs.</summary>
    private BackendState PickAllowed(in BackendExclusions excluded)
    {
        for (int tries = 1; ; tries++)
        {
            ulong first = turns.Peek();
            int index = IndexOf(first);
            int skipped = 0;
            while (skipped < cycle.Length && excluded.Contains(cycle[index]))
            {
                skipped++;
                index = index + 1 == cycle.Length ? 0 : index + 1;
            }

            if (skipped == cycle.Length)
            {
                // All are excluded: that is ignored then.
                return cycle[IndexOf(turns.Take())];
            }

            // Somebody may always come between; after some tries the turn is used without being taken.
            if (turns.TryTake(first, first + (ulong)skipped + 1) || tries == TurnCounter.MaxTries)
            {
                return cycle[index];
            }
        }
    }
}
