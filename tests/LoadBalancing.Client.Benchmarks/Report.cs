using System.Globalization;
using System.Text;
using BenchmarkDotNet.Reports;

namespace LoadBalancing.Client.Benchmarks;

/// <summary>Writes what one run measured as Markdown, every figure also as a ratio to the floor of the same run.</summary>
internal static class Report
{
    public const string Floor = "floor: two draws, two reads, count up and down, two clock reads";

    public static void Write(string path, IReadOnlyList<Summary> summaries)
    {
        List<BenchmarkReport> reports = [.. summaries.SelectMany(summary => summary.Reports)];
        double floor = reports.Where(report => Describe(report) == Floor).Average(Mean);
        StringBuilder text = new();
        text.AppendLine("# Benchmarks")
            .AppendLine()
            .AppendLine("Written by `dotnet run -c Release --project tests/LoadBalancing.Client.Benchmarks -- report`. One run, one machine: read the ratios, not the nanoseconds.")
            .AppendLine("The floor is what any balancer that draws twice, counts and measures has to pay; it is measured in the same run. In-flight counts are random, 0 to 5 for each backend.")
            .AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"Processors: {Environment.ProcessorCount}; runtime: .NET {Environment.Version}; floor: {floor:0.0} ns.");

        foreach (IGrouping<string, BenchmarkReport> group in reports.GroupBy(report => report.BenchmarkCase.Descriptor.Type.Name, StringComparer.Ordinal))
        {
            if (group.Key == nameof(ScalingBenchmarks))
            {
                WriteScaling(text, group);
            }
            else if (group.Key == nameof(GrpcBenchmarks))
            {
                WriteCompared(text, group);
            }
            else
            {
                WriteGroup(text, group, floor);
            }
        }

        text.AppendLine()
            .AppendLine("## Memory")
            .AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"An idle backend takes {MemoryPerBackend.Measure():0} bytes, its description, state and place in the snapshot included (10,000 backends, `least_request`).");
        File.WriteAllText(path, text.ToString().ReplaceLineEndings("\n"));
    }

    private static void WriteGroup(StringBuilder text, IGrouping<string, BenchmarkReport> group, double floor)
    {
        WriteTitle(text, group.Key);
        text.AppendLine("| what | backends | mean | ± | × floor | allocated |")
            .AppendLine("|---|--:|--:|--:|--:|--:|");
        foreach (BenchmarkReport report in group)
        {
            string count = report.BenchmarkCase.Parameters.Items.FirstOrDefault(parameter => parameter.Name == "Count")?.Value?.ToString() ?? "";
            double mean = Mean(report);
            text.AppendLine(CultureInfo.InvariantCulture, $"| {Describe(report)} | {count} | {Time(mean)} | {Time(Error(report))} | {mean / floor:0.00} | {Allocated(report)} B |");
        }
    }

    /// <summary>Compared to the baseline of the class, for each set of parameters: next to what a call costs anyway, the floor says little.</summary>
    private static void WriteCompared(StringBuilder text, IGrouping<string, BenchmarkReport> group)
    {
        WriteTitle(text, group.Key);
        text.AppendLine("| what | with | mean | ± | × the first | allocated | more than the first |")
            .AppendLine("|---|---|--:|--:|--:|--:|--:|");
        foreach (IGrouping<string, BenchmarkReport> cases in group.GroupBy(Parameters, StringComparer.Ordinal))
        {
            BenchmarkReport first = cases.Single(report => report.BenchmarkCase.Descriptor.Baseline);
            foreach (BenchmarkReport report in cases)
            {
                text.AppendLine(
                    CultureInfo.InvariantCulture,
                    $"| {Describe(report)} | {cases.Key} | {Time(Mean(report))} | {Time(Error(report))} | {Mean(report) / Mean(first):0.00} | {Allocated(report)} B | {Allocated(report) - Allocated(first)} B |");
            }
        }
    }

    /// <summary>Two threads do twice the work: the scaling is how much more of it gets done per time than by one.</summary>
    private static void WriteScaling(StringBuilder text, IEnumerable<BenchmarkReport> reports)
    {
        Dictionary<string, double[]> means = reports
            .GroupBy(report => Parameter(report, nameof(ScalingBenchmarks.What)), StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.OrderBy(report => Parameter(report, nameof(ScalingBenchmarks.Threads)), StringComparer.Ordinal).Select(Mean).ToArray(), StringComparer.Ordinal);
        double control = ScalingOf(means[ScalingBenchmarks.Control]);
        text.AppendLine().AppendLine("## Scaling").AppendLine()
            .AppendLine("Picks over 100 backends by one thread and by two at once. The round robins keep their order exactly, so their threads share one counter.").AppendLine()
            .AppendLine("| what | one thread | two threads, each | scaling | of the control's |")
            .AppendLine("|---|--:|--:|--:|--:|");
        foreach ((string what, double[] mean) in means)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {what} | {Time(mean[0])} | {Time(mean[1])} | {ScalingOf(mean):0.00} | {ScalingOf(mean) / control:0.00} |");
        }

        static double ScalingOf(double[] mean) => 2 * mean[0] / mean[1];
    }

    private static void WriteTitle(StringBuilder text, string group) =>
        text.AppendLine().Append("## ").AppendLine(group.Replace("Benchmarks", "", StringComparison.Ordinal)).AppendLine();

    private static string Parameter(BenchmarkReport report, string name) =>
        report.BenchmarkCase.Parameters.Items.Single(parameter => parameter.Name == name).Value?.ToString() ?? "";

    private static string Parameters(BenchmarkReport report) => string.Join(", ", report.BenchmarkCase.Parameters.Items.Select(parameter => parameter.Value));

    private static string Describe(BenchmarkReport report) => report.BenchmarkCase.Descriptor.WorkloadMethodDisplayInfo.Trim('\'');

    private static double Mean(BenchmarkReport report) => report.ResultStatistics?.Mean ?? double.NaN;

    private static double Error(BenchmarkReport report) => report.ResultStatistics?.StandardError ?? double.NaN;

    private static long Allocated(BenchmarkReport report) => report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? 0;

    private static string Time(double nanoseconds) => nanoseconds switch
    {
        < 1e4 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds:0.0} ns"),
        < 1e6 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e3:0.0} µs"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e6:0.00} ms"),
    };
}
