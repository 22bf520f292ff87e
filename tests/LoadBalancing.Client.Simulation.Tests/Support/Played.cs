using LoadBalancing.Client.Simulation.Running;
using LoadBalancing.Client.Simulation.Scenarios;

namespace LoadBalancing.Client.Simulation.Tests.Support;

/// <summary>Plays scenarios that tests write down.</summary>
internal static class Played
{
    public static RunResult Run(string json, string? policy = null, long? seed = null)
    {
        Scenario scenario = Scenario.Parse(json);
        return Simulator.Run(seed is { } other ? scenario.WithSeed(other) : scenario, policy);
    }

    /// <summary>The work on every attempt, in the order in which it began.</summary>
    public static IReadOnlyList<Work> Trace(string json, long seed = 1, string policy = "round_robin")
    {
        Scenario scenario = Scenario.Parse(json).WithSeed(seed);
        WorkTrace trace = new();
        Simulator.OnThreadOfItsOwn(() => Simulator.Run(scenario.Plan, PolicyChoice.Parse(policy), trace));
        return trace.Works;
    }

    /// <summary>Requests by the second in which they arrived, of a scenario with intervals of a second or less.</summary>
    public static IEnumerable<IntervalResult> Between(this RunResult result, double from, double until) =>
        result.Intervals.Where(interval => interval.StartSeconds >= from - 1e-9 && interval.StartSeconds < until - 1e-9);

    /// <summary>The attempts on a backend in a part of the time.</summary>
    public static IEnumerable<BackendInterval> Between(this BackendSeries series, RunResult result, double from, double until) =>
        series.Intervals.Zip(result.Intervals).Where(pair => pair.Second.StartSeconds >= from - 1e-9 && pair.Second.StartSeconds < until - 1e-9).Select(pair => pair.First);

    private sealed class WorkTrace : IWorkTrace
    {
        public List<Work> Works { get; } = [];

        public void OnBegin(int server, double arrived, double waited, double work) => Works.Add(new Work(server, arrived, waited, work));
    }
}

/// <summary>The work on one attempt, in seconds.</summary>
internal readonly record struct Work(int Server, double Arrived, double Waited, double Duration);
