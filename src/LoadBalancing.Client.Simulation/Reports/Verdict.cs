namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>What a policy did, in a sentence.</summary>
internal static class Verdict
{
    public static string Create(Scenario scenario, RunResult result, IReadOnlyList<RunResult> all)
    {
        RunSummary summary = result.Summary;
        if (summary.Requests == 0)
        {
            return "had no request that counts.";
        }

        string answered = summary.Successes switch
        {
            0 => "answered no request in time",
            var successes when successes == summary.Requests => "answered every request in time",
            _ => $"answered {SuccessText.Create(summary)} of the requests in time ({Lost(summary)})",
        };
        return $"{answered}{Rank(summary, [.. all.Select(each => each.Summary)])}; half took up to {NumberText.Short(summary.P50Ms)} ms, 99 of 100 up to {NumberText.Short(summary.P99Ms)} ms. {AbsenceText.Describe(scenario, result)}".TrimEnd();
    }

    private static string Lost(RunSummary summary) => string.Join(", ", new[] { Count(summary.Failures, "failure"), Count(summary.Timeouts, "timeout") }.Where(text => text.Length > 0));

    private static string Count(long count, string what) => count == 0 ? "" : $"{NumberText.Count(count)} {what}{(count == 1 ? "" : "s")}";

    /// <summary>By what was lost, not by what is written: shares of large numbers look alike.</summary>
    private static string Rank(RunSummary summary, IReadOnlyList<RunSummary> all)
    {
        double[] shares = [.. all.Where(each => each.Requests > 0).Select(ShareOf)];
        return shares.Max() == shares.Min() ? ""
            : ShareOf(summary) == shares.Max() ? ", the most of all"
            : ShareOf(summary) == shares.Min() ? ", the fewest of all"
            : "";
    }

    private static double ShareOf(RunSummary summary) => summary.Successes / (double)summary.Requests;
}
