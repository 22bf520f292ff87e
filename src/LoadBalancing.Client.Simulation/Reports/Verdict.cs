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
            _ => $"answered {Share(summary)} of the requests in time",
        };
        return $"{answered}{Rank(summary, [.. all.Select(each => each.Summary)])}; half took up to {NumberText.Short(summary.P50Ms)} ms, 99 of 100 up to {NumberText.Short(summary.P99Ms)} ms. {AbsenceText.Describe(scenario, result)}".TrimEnd();
    }

    /// <summary>Not all that rounds to all is all, and not all that rounds to none is none.</summary>
    private static string Share(RunSummary summary) => summary.SuccessRate switch
    {
        > 0.99995 => "more than 99.99 %",
        < 0.00005 => "less than 0.01 %",
        var share => NumberText.Percent(share),
    };

    private static string Rank(RunSummary summary, IReadOnlyList<RunSummary> all)
    {
        string[] rates = [.. all.Where(each => each.Requests > 0).OrderByDescending(each => each.SuccessRate).Select(Share).Distinct(StringComparer.Ordinal)];
        return rates.Length < 2 ? ""
            : Share(summary) == rates[0] ? ", the most of all"
            : Share(summary) == rates[^1] ? ", the fewest of all"
            : "";
    }
}
