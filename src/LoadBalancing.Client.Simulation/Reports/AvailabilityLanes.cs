using LoadBalancing.Client.Simulation.Charts;

namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>
/// When backends were out, as lanes over time: one for each backend and cause, as high as the share of clients for which it was so; or, when that would be too many, one for each group and cause, as high as the share of its backends.
/// </summary>
internal static class AvailabilityLanes
{
    private const int Most = 24;

    /// <summary>A panel, or none when no backend was ever out.</summary>
    /// <param name="scenario">What was played.</param>
    /// <param name="result">What happened.</param>
    /// <param name="time">The time axis.</param>
    public static IReadOnlyList<Panel> CreatePanels(Scenario scenario, RunResult result, TimeFrame time) =>
        Absence.FindAll(scenario, result) is { Count: > 0 } absences ? [CreatePanel(scenario, result, time, Most, AbsenceText.DescribeCauses(absences))] : [];

    /// <summary>A panel, which has no lane when no backend was ever out.</summary>
    /// <param name="scenario">What was played.</param>
    /// <param name="result">What happened.</param>
    /// <param name="time">The time axis.</param>
    /// <param name="most">How many lanes it has at most.</param>
    /// <param name="title">What stands above.</param>
    public static Panel CreatePanel(Scenario scenario, RunResult result, TimeFrame time, int most, string title)
    {
        Absence[] absences = [.. Absence.FindAll(scenario, result)];
        Dictionary<string, int> order = result.Backends.Select((backend, index) => (backend.Id, index)).ToDictionary(entry => entry.Id, entry => entry.index, StringComparer.Ordinal);
        absences = [.. absences.OrderBy(absence => order[absence.Backend]).ThenBy(absence => absence.Kind)];
        Dictionary<string, string> groups = result.Backends.ToDictionary(backend => backend.Id, backend => backend.Group, StringComparer.Ordinal);
        var byBackend = absences.GroupBy(absence => (Name: absence.Backend, Cause: CauseOf(absence))).ToArray();
        var lanes = byBackend.Length <= most ? byBackend : [.. absences.GroupBy(absence => (Name: groups[absence.Backend], Cause: CauseOf(absence)))];
        bool isByBackend = ReferenceEquals(lanes, byBackend);
        Dictionary<string, int> sizes = result.Backends.GroupBy(backend => backend.Group, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
        return LanePanel.Create(
            title,
            string.Join("; ", Notes(lanes.Length, most, absences)),
            time,
            [.. lanes.Take(most).Select(lane => CreateLane(lane.Key.Name, lane.Key.Cause, [.. lane], isByBackend ? 1 : sizes[lane.Key.Name], scenario.Plan.Clients, time.Duration))]);
    }

    private static IEnumerable<string> Notes(int lanes, int most, IReadOnlyList<Absence> absences)
    {
        if (lanes == 0)
        {
            yield return "none";
        }

        if (lanes > most)
        {
            yield return FormattableString.Invariant($"{most} of {lanes}");
        }

        if (absences.Any(absence => absence.Kind == AbsenceKind.CircuitHalfOpen))
        {
            yield return "pale: half-open";
        }
    }

    /// <summary>The open and the half-open circuit of a backend are in one lane.</summary>
    private static string CauseOf(Absence absence) => absence.Kind switch
    {
        AbsenceKind.CircuitOpen or AbsenceKind.CircuitHalfOpen => "circuit open",
        _ => AbsenceText.NameOf(absence.Kind),
    };

    private static Lane CreateLane(string name, string cause, IReadOnlyList<Absence> absences, int backends, int clients, double duration)
    {
        (AbsenceKind Kind, IReadOnlyList<(double From, int Count)> Steps)[] parts =
        [
            .. absences.GroupBy(absence => absence.Kind).OrderBy(kind => kind.Key)
                .Select(kind => (kind.Key, StepCount.Create(kind.SelectMany(absence => new[] { (absence.From, 1), (absence.Until, -1) }), duration))),
        ];
        int highest = parts.Max(part => part.Steps.Max(step => step.Count));
        double whole = backends * (double)clients;

        // Of a hundred backends, three would be a hairline: groups are as high as they ever get, and say how high that is.
        double scale = backends == 1 ? whole : parts.Length == 1 ? highest : parts.Sum(part => part.Steps.Max(step => step.Count));
        string what = (backends, clients) switch
        {
            (1, 1) => cause,
            (1, _) => FormattableString.Invariant($"{cause}, up to {highest} of {clients} clients"),
            (_, 1) => FormattableString.Invariant($"{cause}, up to {highest} of {backends}"),
            _ => $"{cause}, up to {NumberText.Short(100 * highest / whole)} %",
        };
        return new Lane(name, what, [.. parts.Select(part => new LanePart(StyleOf(part.Kind), [.. part.Steps.Select(step => (step.From, step.Count / scale))]))]);
    }

    private static string StyleOf(AbsenceKind kind) => kind switch
    {
        AbsenceKind.CircuitHalfOpen => "partly lane-bar",
        AbsenceKind.Draining => "leaving lane-bar",
        _ => "out lane-bar",
    };
}
