using System.Globalization;

namespace LoadBalancing.Client.Policies.Rotation;

/// <summary>Walks a <see cref="StrideTable"/> with all other threads together.</summary>
/// <remarks>
/// Looks ahead for the step that serves somebody and takes all steps up to it with one compare-and-swap: so each step is taken once, and a pick costs one write however many are skipped.
/// </remarks>
internal sealed class StridePicker(BackendState[] backends, StrideTable table, TurnCounter steps) : Picker
{
    /// <summary>Visits after which a pick without the excluded takes whoever is next. With those allowed at a hundredth of the excluded one's weight, this is a fair turn of it.</summary>
    private const int MostVisits = 4096;

    public override BackendState? Pick(in PickRequest request)
    {
        if (request.HasExclusions)
        {
            return PickAllowed(request.ExcludedInPlace);
        }

        for (int tries = 1; ; tries++)
        {
            ulong first = steps.Peek();
            ulong served = first;
            int index = table.FindServed(ref served);

            // Somebody may always come between; after some tries the step is used without being taken.
            if (steps.TryTake(first, served + 1) || tries == TurnCounter.MaxTries)
            {
                return backends[index];
            }
        }
    }

    public override string? Describe(in PickRequest request, BackendState backend)
    {
        int index = Array.IndexOf(backends, backend);
        return index < 0 ? null : string.Create(CultureInfo.InvariantCulture, $"scaled weight {table.WeightOf(index)}");
    }

    /// <summary>Excluded backends lose their turns; the others keep theirs.</summary>
    private BackendState PickAllowed(in BackendExclusions excluded)
    {
        for (int tries = 1; ; tries++)
        {
            ulong first = steps.Peek();
            ulong served = first;
            int index = table.FindServed(ref served);
            for (int visits = 1; visits < MostVisits && excluded.Contains(backends[index]); visits++)
            {
                served++;
                index = table.FindServed(ref served);
            }

            if (steps.TryTake(first, served + 1) || tries == TurnCounter.MaxTries)
            {
                return excluded.Contains(backends[index]) ? FirstAllowedFrom(index, excluded) : backends[index];
            }
        }
    }

    /// <summary>All are excluded, or those that are left weigh next to nothing.</summary>
    private BackendState FirstAllowedFrom(int index, in BackendExclusions excluded)
    {
        for (int i = 0; i < backends.Length; i++)
        {
            int candidate = index + i < backends.Length ? index + i : index + i - backends.Length;
            if (!excluded.Contains(backends[candidate]))
            {
                return backends[candidate];
            }
        }

        return backends[index];
    }
}
