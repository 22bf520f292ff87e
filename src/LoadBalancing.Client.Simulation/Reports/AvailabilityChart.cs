using LoadBalancing.Client.Simulation.Charts;

namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>When circuits were open and backends ejected: a panel of lanes for each policy, and below what the scenario did.</summary>
internal static class AvailabilityChart
{
    private const int MostLanes = 4;

    /// <returns><see langword="null"/> when no balancer took a backend out for what it saw of it; that discovery announced one's end says nothing.</returns>
    public static Chart? Create(Scenario scenario, IReadOnlyList<RunResult> results)
    {
        if (!results.Any(result => Absence.FindAll(scenario, result).Any(absence => absence.Kind is AbsenceKind.CircuitOpen or AbsenceKind.Ejected or AbsenceKind.ProbeFailed)))
        {
            return null;
        }

        TimeFrame time = TimeFrames.Create(scenario, results);
        return TimeChart.Create(
            "Open circuits and ejections by policy",
            string.Join(' ', results.Select(result => Describe(scenario, result))),
            time,
            [.. results.Select(result => AvailabilityLanes.CreatePanel(scenario, result, time, MostLanes, result.Summary.Policy)), .. ScenarioLanes.CreatePanels(scenario, time)]);
    }

    private static string Describe(Scenario scenario, RunResult result)
    {
        IReadOnlyList<Absence> absences = Absence.FindAll(scenario, result);
        IEnumerable<string> kinds = absences.Where(absence => absence.Kind != AbsenceKind.CircuitHalfOpen).GroupBy(absence => absence.Kind).OrderBy(kind => kind.Key)
            .Select(kind => $"{AbsenceText.NameOf(kind.Key)} {Times(kind.Count())} on {Count(kind.Select(absence => absence.Backend).Distinct(StringComparer.Ordinal).Count(), "backend")} in {Count(kind.Select(absence => absence.Client).Distinct().Count(), "client")}, first at {NumberText.Seconds(Math.Round(kind.Min(absence => absence.From), 1))}");
        return $"{result.Summary.Policy}: {(absences.Count == 0 ? "none" : string.Join("; ", kinds))}.";
    }

    private static string Times(int count) => count == 1 ? "once" : $"{NumberText.Count(count)} times";

    private static string Count(int count, string what) => count == 1 ? $"one {what}" : $"{NumberText.Count(count)} {what}s";
}
