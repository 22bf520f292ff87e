namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>A time at which a balancer gave no attempts to a backend, or few.</summary>
/// <param name="Backend">The backend's id.</param>
/// <param name="Client">Whose balancer.</param>
/// <param name="Kind">Why.</param>
/// <param name="From">From when on, in seconds.</param>
/// <param name="Until">Until when; not after the end of the scenario.</param>
internal readonly record struct Absence(string Backend, int Client, AbsenceKind Kind, double From, double Until)
{
    /// <summary>All of a run that began before the end of the scenario, in the order of time.</summary>
    public static IReadOnlyList<Absence> FindAll(Scenario scenario, RunResult result)
    {
        ILookup<string, double> returns = Happenings.FindReturns(scenario.Plan);

        // What circuits do, their own events tell more of.
        IEnumerable<Change> changes = result.AvailabilityEvents.Where(happening => KindOf(happening.Flag) is not null).Select(happening => new Change(happening.Backend, happening.Client, KindOf(happening.Flag)!.Value, happening.Seconds, happening.IsSet))
            .Concat(result.CircuitEvents.SelectMany(happening => new[]
            {
                new Change(happening.Backend, happening.Client, AbsenceKind.CircuitOpen, happening.Seconds, happening.To == CircuitState.Open),
                new Change(happening.Backend, happening.Client, AbsenceKind.CircuitHalfOpen, happening.Seconds, happening.To == CircuitState.HalfOpen),
            }));
        return
        [
            .. changes.GroupBy(change => (change.Backend, change.Client, change.Kind))
                .SelectMany(same => Find([.. same, .. same.Key.Kind == AbsenceKind.Draining ? CreateEnds(same.Key, returns) : []], scenario.Plan.Duration))
                .OrderBy(absence => absence.From).ThenBy(absence => absence.Client).ThenBy(absence => absence.Backend, StringComparer.Ordinal).ThenBy(absence => absence.Kind),
        ];
    }

    /// <summary>A backend that comes back after its balancer has forgotten it does not drain any more, and nothing says so: it is a new one.</summary>
    private static IEnumerable<Change> CreateEnds((string Backend, int Client, AbsenceKind Kind) key, ILookup<string, double> returns) =>
        returns[key.Backend].Select(time => new Change(key.Backend, key.Client, key.Kind, time, IsSet: false));

    private static IEnumerable<Absence> Find(IEnumerable<Change> changes, double duration)
    {
        Change? since = null;
        foreach (Change change in changes.OrderBy(change => change.Seconds))
        {
            if (change.IsSet)
            {
                since ??= change;
            }
            else if (since is { } begin)
            {
                yield return begin.EndAt(Math.Min(change.Seconds, duration));
                since = null;
            }
        }

        if (since is { } last && last.Seconds < duration)
        {
            yield return last.EndAt(duration);
        }
    }

    private static AbsenceKind? KindOf(Unavailability flag) => flag switch
    {
        Unavailability.ProbeFailed => AbsenceKind.ProbeFailed,
        Unavailability.Ejected => AbsenceKind.Ejected,
        Unavailability.Draining => AbsenceKind.Draining,
        Unavailability.Isolated => AbsenceKind.Isolated,
        _ => null,
    };

    private sealed record Change(string Backend, int Client, AbsenceKind Kind, double Seconds, bool IsSet)
    {
        public Absence EndAt(double until) => new(Backend, Client, Kind, Seconds, until);
    }
}
