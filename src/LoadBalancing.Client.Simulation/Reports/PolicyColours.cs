using LoadBalancing.Client.Simulation.Charts;

namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>Which colour a policy has: the common ones the same in every chart, others one that is left over.</summary>
internal static class PolicyColours
{
    private static readonly string[] Common = ["round_robin", "random", "least_request", "peak_ewma", "weighted_round_robin", "weighted_response_time"];

    /// <summary>The number of the series whose colour it is, for each policy.</summary>
    public static IReadOnlyList<int> Assign(IReadOnlyList<string> policies)
    {
        Stack<int> free = new(Enumerable.Range(0, Palette.SeriesCount).Where(series => series >= Common.Length || !policies.Contains(Common[series], StringComparer.Ordinal)));
        return [.. policies.Select((policy, index) => Array.IndexOf(Common, policy) is >= 0 and var fixedSeries ? fixedSeries : free.TryPop(out int series) ? series : index)];
    }
}
