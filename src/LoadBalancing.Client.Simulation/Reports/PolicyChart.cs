using LoadBalancing.Client.Simulation.Charts;

namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>What one policy did: who got how much, who was how busy, and who was taken out, all over one time axis.</summary>
internal static class PolicyChart
{
    private const double PanelHeight = 110;

    private static readonly Measure[] Measures =
    [
        new("share of attempts", "%", interval => 100 * interval.Share),
        new("in flight", "", interval => interval.MeanInFlight),
        new("queue", "", interval => interval.MeanQueue),
    ];

    public static Chart Create(Scenario scenario, RunResult result)
    {
        TimeFrame time = TimeFrames.Create(scenario, [result]);
        IReadOnlyList<BackendLine> lines = BackendLine.CreateAll(result.Backends);
        Measure[] measures = [.. Measures.Where((measure, index) => index < 2 || result.Backends.Any(backend => backend.Intervals.Any(interval => measure.Read(interval) > 0)))];
        IReadOnlyList<Panel> absences = AvailabilityLanes.CreatePanels(scenario, result, time);
        var chart = TimeChart.Create(
            $"{result.Summary.Policy}: backends over time",
            string.Join(' ', [.. measures.Select(measure => Describe(measure, lines, result)), AbsenceText.Describe(scenario, result)]).TrimEnd(),
            time,
            [
                .. measures.Select(measure => CreateLines(measure, lines, result, time)),
                .. lines.Any(line => line.Indexes.Count > 1) ? measures.Take(2).Select(measure => CreateHeat(measure, result, time)) : [],
                .. ScenarioLanes.CreatePanels(scenario, time),
                .. absences,
            ]);
        return chart with
        {
            Legend = lines.Count == 1 ? [] : [.. lines.Select((line, index) => new LegendEntry(line.Name, ChartStyle.LineOf(index)))],
            Tables = [PolicyTables.CreateOverTime(result, lines, measures), PolicyTables.CreateBackends(result), .. PolicyTables.CreateAbsences(scenario, result)],
        };
    }

    private static Panel CreateLines(Measure measure, IReadOnlyList<BackendLine> lines, RunResult result, TimeFrame time)
    {
        var axis = Axis.FromZero(measure.Unit, lines.SelectMany(line => line.Highest(result, measure.Read)).Max(), steps: 3);
        return LinePanel.Create(
            measure.Name,
            measure.Unit,
            PanelHeight,
            time,
            axis,
            [.. lines.Select((line, index) => new LineSeries(line.Name, ChartStyle.LineOf(index), line.Mean(result, measure.Read)))],
            [
                .. lines.Select((line, index) => (line, index)).Where(entry => entry.line.Indexes.Count > 1)
                    .Select(entry => new Band($"range {ChartStyle.FillOf(entry.index)}", entry.line.Highest(result, measure.Read), entry.line.Lowest(result, measure.Read))),
            ]);
    }

    private static Panel CreateHeat(Measure measure, RunResult result, TimeFrame time)
    {
        IReadOnlyList<HeatRow> rows = BackendRows.Create(result, measure.Read);
        int perRow = BackendRows.PerRow(result.Backends.Count);
        return HeatPanel.Create(
            $"{measure.Name}, one by one",
            perRow == 1 ? "" : FormattableString.Invariant($"{perRow} per row"),
            time,
            Axis.FromZero(measure.Symbol, rows.SelectMany(row => row.Values).Max()),
            rows);
    }

    private static string Describe(Measure measure, IReadOnlyList<BackendLine> lines, RunResult result) =>
        $"{measure.Name}, {measure.Unit}: {string.Join(", ", lines.Select(line => $"{line.Name} from {NumberText.Short(line.Lowest(result, measure.Read).Min())} to {NumberText.Short(line.Highest(result, measure.Read).Max())}"))}.";
}
