using System.Globalization;

namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>The share of requests that were answered in time, as every report writes it: rounded down, so that 100 % is said only where nothing was lost.</summary>
internal static class SuccessText
{
    private const int Steps = 1000;
    private const int All = 100 * Steps;

    public static string Create(RunSummary summary) =>
        summary.Requests == 0 ? "–"
        : summary.Successes == summary.Requests ? "100 %"
        : string.Create(CultureInfo.InvariantCulture, $"{Percent(ThousandthsOf(summary)):0.000} %");

    /// <summary>Between two shares as they are written, in points, so that a line adds up.</summary>
    public static string Difference(RunSummary before, RunSummary after) => before.Requests == 0 || after.Requests == 0
        ? ""
        : Percent(ThousandthsOf(after) - ThousandthsOf(before)).ToString("+0.000;-0.000;0.000", CultureInfo.InvariantCulture) + " points";

    private static decimal ThousandthsOf(RunSummary summary) => Math.Floor(All * (decimal)summary.Successes / summary.Requests);

    private static decimal Percent(decimal thousandths) => thousandths / Steps;
}
