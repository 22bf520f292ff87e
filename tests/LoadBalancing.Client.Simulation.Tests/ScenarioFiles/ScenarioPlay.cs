using LoadBalancing.Client.Simulation.Tests.Support;

namespace LoadBalancing.Client.Simulation.Tests.ScenarioFiles;

/// <summary>What came out of one file with one seed.</summary>
internal sealed class ScenarioPlay(string file, long? seed)
{
    public IReadOnlyList<RunResult> Results { get; } = PlayedFiles.Play(file, seed);

    public IEnumerable<RunSummary> Summaries => Results.Select(result => result.Summary);

    public RunSummary this[string policy] => Summaries.Single(summary => summary.Policy == policy);

    /// <summary>The share of requests that arrived between two times and were answered in time.</summary>
    public static double SuccessRate(RunResult result, double from, double until) =>
        result.Between(from, until).Sum(interval => interval.Successes) / (double)result.Between(from, until).Sum(interval => interval.Requests);

    /// <summary>How many attempts beyond the first a request had on average.</summary>
    public static double RetriesPerRequest(RunSummary summary) => summary.Retries / (double)summary.Requests;

    /// <summary>How many clients opened a circuit.</summary>
    public static int ClientsWithOpenCircuits(RunResult result) => result.CircuitEvents.Where(change => change.To == CircuitState.Open).Select(change => change.Client).Distinct().Count();

    /// <summary>How many seconds half of the breaks that have ended took at most; 0 when there were none.</summary>
    public static double MedianBreak(RunResult result)
    {
        double[] breaks =
        [
            .. result.CircuitEvents
                .GroupBy(change => (change.Client, change.Backend))
                .SelectMany(circuit => circuit.Zip(circuit.Skip(1)))
                .Where(pair => pair.First.To == CircuitState.Open)
                .Select(pair => pair.Second.Seconds - pair.First.Seconds)
                .Order(),
        ];
        return breaks.Length == 0 ? 0 : breaks[breaks.Length / 2];
    }

    /// <summary>The same seed of another file.</summary>
    public ScenarioPlay Of(string other) => new(other, seed);

    /// <summary>The share of requests that were not answered in time.</summary>
    public double Lost(string policy) => 1 - (this[policy].Successes / (double)this[policy].Requests);

    /// <summary>The share of the attempts that a group of backends got.</summary>
    public double Share(string group, string policy)
    {
        RunResult result = Results.Single(one => one.Summary.Policy == policy);
        return result.Summary.PerBackend.Zip(result.Backends).Where(pair => pair.Second.Group == group).Sum(pair => pair.First.Share);
    }

    /// <summary>So much is lost with some policies, or with all when none is named.</summary>
    public void ShouldLose((double Least, double Most) percent, params string[] policies)
    {
        foreach (string policy in policies.Length == 0 ? Summaries.Select(summary => summary.Policy) : policies)
        {
            (100 * Lost(policy)).ShouldBeInRange(percent.Least, percent.Most, policy);
        }
    }
}
