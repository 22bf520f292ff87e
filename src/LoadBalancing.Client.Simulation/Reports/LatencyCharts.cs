using LoadBalancing.Client.Simulation.Charts;

namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>How long requests took: charts that compare policies.</summary>
internal static class LatencyCharts
{
    private const double PanelHeight = 72;
    private const int Dotted = 2;

    private static readonly string[] Percentiles = ["p50", "p90", "p99", "p99.9"];

    /// <summary>p50, p90, p99 and p99.9, a row for each policy.</summary>
    public static Chart CreatePercentiles(IReadOnlyList<RunResult> results)
    {
        RunSummary[] summaries = [.. results.Select(result => result.Summary)];
        IReadOnlyList<int> colours = PolicyColours.Assign([.. summaries.Select(summary => summary.Policy)]);
        var chart = DotChart.Create(
            "Latency percentiles by policy",
            string.Join(' ', summaries.Select(Describe)),
            Percentiles,
            [.. summaries.Select((summary, index) => CreateRow(summary, colours[index]))],
            Axis.ForLatencies("latency, ms", summaries.SelectMany(PercentilesOf)));
        return chart with
        {
            Tables = [new ChartTable("Latency in milliseconds", ["policy", .. Percentiles], [.. summaries.Select(summary => (IReadOnlyList<string>)[summary.Policy, .. PercentilesOf(summary).Select(NumberText.Milliseconds)])])],
        };
    }

    /// <summary>p50 and p99 of the requests that arrived in each interval, a panel for each policy, and below what the scenario did.</summary>
    public static Chart CreateOverTime(Scenario scenario, IReadOnlyList<RunResult> results)
    {
        TimeFrame time = TimeFrames.Create(scenario, results);
        IReadOnlyList<int> colours = PolicyColours.Assign([.. results.Select(result => result.Summary.Policy)]);
        var axis = Axis.ForLatencies("ms", results.SelectMany(result => result.Intervals).SelectMany(interval => new[] { interval.P50Ms, interval.P99Ms }), steps: 2);
        var chart = TimeChart.Create(
            "Latency over time by policy",
            string.Join(' ', results.Select(DescribeOverTime)),
            time,
            [.. results.Select((result, index) => CreatePanel(result, colours[index], time, axis)), .. ScenarioLanes.CreatePanels(scenario, time)]);
        return chart with
        {
            Legend = [new LegendEntry("p99", "line key-line d0"), new LegendEntry("p50", FormattableString.Invariant($"line key-line d{Dotted}"))],
            Tables = [CreateTable(results)],
        };
    }

    private static ChartTable CreateTable(IReadOnlyList<RunResult> results) => new(
        "Latency in milliseconds by the time at which requests arrived",
        ["from", .. results.SelectMany(result => new[] { $"{result.Summary.Policy} p50", "p99" })],
        [
            .. results[0].Intervals.Select((interval, index) => (IReadOnlyList<string>)
            [
                NumberText.Seconds(interval.StartSeconds),
                .. results.Select(result => result.Intervals[index]).SelectMany(each => each.Requests == 0 ? ["–", "–"] : new[] { NumberText.Short(each.P50Ms), NumberText.Short(each.P99Ms) }),
            ]),
        ]);

    private static DotRow CreateRow(RunSummary summary, int colour)
    {
        double[] values = PercentilesOf(summary);
        return new DotRow(summary.Policy, ChartStyle.FillOf(colour), summary.Requests == 0 ? [.. values.Select(_ => double.NaN)] : values, [.. values.Select(NumberText.Short)]);
    }

    private static Panel CreatePanel(RunResult result, int colour, TimeFrame time, Axis axis)
    {
        double[] median = LatenciesOf(result, interval => interval.P50Ms);
        double[] high = LatenciesOf(result, interval => interval.P99Ms);
        return LinePanel.Create(
            result.Summary.Policy,
            axis.Title,
            PanelHeight,
            time,
            axis,
            [new LineSeries("p99", ChartStyle.LineOf(colour, dashes: 0), high), new LineSeries("p50", ChartStyle.LineOf(colour, Dotted), median)],
            new Band($"range {ChartStyle.FillOf(colour)}", high, median));
    }

    /// <summary>Without a value where no request arrived.</summary>
    private static double[] LatenciesOf(RunResult result, Func<IntervalResult, double> read) =>
        [.. result.Intervals.Select(interval => interval.Requests == 0 ? double.NaN : read(interval))];

    private static double[] PercentilesOf(RunSummary summary) => [summary.P50Ms, summary.P90Ms, summary.P99Ms, summary.P999Ms];

    private static string Describe(RunSummary summary) => summary.Requests == 0
        ? $"{summary.Policy}: no requests."
        : $"{summary.Policy}: {string.Join(", ", PercentilesOf(summary).Zip(Percentiles, (value, name) => $"{name} {NumberText.Short(value)} ms"))}.";

    private static string DescribeOverTime(RunResult result)
    {
        IntervalResult[] intervals = [.. result.Intervals.Where(interval => interval.Requests > 0)];
        return intervals.Length == 0
            ? $"{result.Summary.Policy}: no requests."
            : $"{result.Summary.Policy}: p50 {Range(interval => interval.P50Ms)}, p99 {Range(interval => interval.P99Ms)}, highest at {NumberText.Seconds(intervals.MaxBy(interval => interval.P99Ms)!.StartSeconds)}.";

        string Range(Func<IntervalResult, double> read) => $"from {NumberText.Short(intervals.Min(read))} ms to {NumberText.Short(intervals.Max(read))} ms";
    }
}
