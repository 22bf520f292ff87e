using LoadBalancing.Client.Simulation.Charts;
using LoadBalancing.Client.Simulation.Scenarios;

namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>The time of a run, as all its charts show it.</summary>
internal static class TimeFrames
{
    /// <param name="scenario">What was played.</param>
    /// <param name="results">What came of it; at least one, all of this scenario.</param>
    public static TimeFrame Create(Scenario scenario, IReadOnlyList<RunResult> results) =>
        new(scenario.Plan.Duration, results[0].Interval.TotalSeconds, scenario.Plan.WarmUp, Happenings.Merge(Happenings.Find(scenario.Plan)));
}
