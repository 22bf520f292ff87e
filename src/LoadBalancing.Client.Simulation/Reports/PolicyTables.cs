using LoadBalancing.Client.Simulation.Charts;

namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>What the chart of a policy shows, in figures.</summary>
internal static class PolicyTables
{
    private const int MostAbsences = 500;

    public static ChartTable CreateOverTime(RunResult result, IReadOnlyList<BackendLine> lines, IReadOnlyList<Measure> measures)
    {
        (string Name, IReadOnlyList<double> Values)[] columns = [.. measures.SelectMany(measure => lines.Select(line => ($"{line.Name}: {measure.Name}, {measure.Unit}", line.Mean(result, measure.Read))))];
        return new ChartTable(
            "Backends over time",
            ["from", .. columns.Select(column => column.Name)],
            [.. result.Intervals.Select((interval, index) => (IReadOnlyList<string>)[NumberText.Seconds(interval.StartSeconds), .. columns.Select(column => NumberText.Short(column.Values[index]))])]);
    }

    public static ChartTable CreateBackends(RunResult result) => new(
        "Backends after the warm-up",
        ["backend", "attempts", "share", "failures", "mean in flight", "most in flight"],
        [
            .. result.Summary.PerBackend.Select(backend => (IReadOnlyList<string>)
            [
                backend.Id, NumberText.Count(backend.Requests), NumberText.Percent(backend.Share), NumberText.Count(backend.Failures), NumberText.Short(backend.MeanInFlight), NumberText.Count(backend.MaxInFlight),
            ]),
        ]);

    /// <summary>One, or none where no backend was out.</summary>
    public static IEnumerable<ChartTable> CreateAbsences(Scenario scenario, RunResult result)
    {
        IReadOnlyList<Absence> absences = Absence.FindAll(scenario, result);
        if (absences.Count > 0)
        {
            yield return new ChartTable(
                absences.Count <= MostAbsences ? "Backends that were taken out" : FormattableString.Invariant($"Backends that were taken out: the first {MostAbsences} of {absences.Count} times"),
                ["backend", "why", "client", "from", "until"],
                [
                    .. absences.Take(MostAbsences).Select(absence => (IReadOnlyList<string>)
                    [
                        absence.Backend, AbsenceText.NameOf(absence.Kind), NumberText.Count(absence.Client), NumberText.Seconds(absence.From), NumberText.Seconds(absence.Until),
                    ]),
                ]);
        }
    }
}
