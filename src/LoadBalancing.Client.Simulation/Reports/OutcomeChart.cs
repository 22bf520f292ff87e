using LoadBalancing.Client.Simulation.Charts;

namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>Which share of the requests failed or was late, over time: a panel for each policy.</summary>
internal static class OutcomeChart
{
    private const double PanelHeight = 64;

    private static readonly Kind[] Kinds =
    [
        new("failures", "line failed d0", "range failed-area", interval => interval.Failures),
        new("timeouts", "line late d2", "range late-area", interval => interval.Timeouts),
    ];

    /// <returns><see langword="null"/> when every request of every policy was answered in time: that is said in a word.</returns>
    public static Chart? Create(Scenario scenario, IReadOnlyList<RunResult> results)
    {
        Kind[] kinds = [.. Kinds.Where(kind => results.Any(result => result.Intervals.Any(interval => kind.Read(interval) > 0)))];
        if (kinds.Length == 0)
        {
            return null;
        }

        TimeFrame time = TimeFrames.Create(scenario, results);
        var axis = Axis.FromZero("% of requests", results.SelectMany(result => ShareOf(result, interval => kinds.Max(kind => kind.Read(interval)))).Where(share => !double.IsNaN(share)).Max(), steps: 2);
        var chart = TimeChart.Create(
            "Failures and timeouts over time by policy",
            string.Join(' ', results.Select(Describe)),
            time,
            [.. results.Select(result => CreatePanel(result, kinds, time, axis)), .. ScenarioLanes.CreatePanels(scenario, time)]);
        return chart with
        {
            Legend = [.. kinds.Select(kind => new LegendEntry(kind.Name, kind.Line))],
            Tables = [CreateTable(results)],
        };
    }

    private static Panel CreatePanel(RunResult result, IReadOnlyList<Kind> kinds, TimeFrame time, Axis axis) => LinePanel.Create(
        result.Summary.Policy,
        axis.Title,
        PanelHeight,
        time,
        axis,
        [.. kinds.Select(kind => new LineSeries(kind.Name, kind.Line, ShareOf(result, kind.Read)))],
        [.. kinds.Select(kind => new Band(kind.Area, ShareOf(result, kind.Read), ShareOf(result, _ => 0)))]);

    private static double[] ShareOf(RunResult result, Func<IntervalResult, long> read) =>
        [.. result.Intervals.Select(interval => interval.Requests == 0 ? double.NaN : 100.0 * read(interval) / interval.Requests)];

    private static string Describe(RunResult result) => string.Concat(
        $"{result.Summary.Policy}: success {SuccessText.Create(result.Summary)}, ",
        $"failures {NumberText.Count(result.Summary.Failures)}, timeouts {NumberText.Count(result.Summary.Timeouts)}.");

    private static ChartTable CreateTable(IReadOnlyList<RunResult> results) => new(
        "Requests by the time at which they arrived",
        ["from", .. results.SelectMany(result => new[] { $"{result.Summary.Policy} successes", "failures", "timeouts" })],
        [
            .. results[0].Intervals.Select((interval, index) => (IReadOnlyList<string>)
            [
                NumberText.Seconds(interval.StartSeconds),
                .. results.Select(result => result.Intervals[index]).SelectMany(each => new[] { NumberText.Count(each.Successes), NumberText.Count(each.Failures), NumberText.Count(each.Timeouts) }),
            ]),
        ]);

    /// <summary>A way in which a request can go wrong.</summary>
    private sealed record Kind(string Name, string Line, string Area, Func<IntervalResult, long> Read);
}
