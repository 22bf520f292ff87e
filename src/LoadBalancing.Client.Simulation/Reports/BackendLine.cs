namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>Backends that have one line in the charts of a policy.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Indexes">Which backends; their mean is the line.</param>
internal sealed record BackendLine(string Name, IReadOnlyList<int> Indexes)
{
    /// <summary>More lines than this cannot be told apart.</summary>
    private const int Most = 6;

    /// <summary>A line for each backend while these are few, else for each group of the scenario, and if these are many as well, one for all.</summary>
    public static IReadOnlyList<BackendLine> CreateAll(IReadOnlyList<BackendSeries> backends)
    {
        if (backends.Count <= Most)
        {
            return [.. backends.Select((backend, index) => new BackendLine(backend.Id, [index]))];
        }

        IGrouping<string, int>[] groups = [.. backends.Select((backend, index) => (backend.Group, index)).GroupBy(entry => entry.Group, entry => entry.index, StringComparer.Ordinal)];
        return groups.Length <= Most
            ? [.. groups.Select(group => new BackendLine(group.Key, [.. group]))]
            : [new BackendLine(FormattableString.Invariant($"all {backends.Count}"), [.. Enumerable.Range(0, backends.Count)])];
    }

    public IReadOnlyList<double> Mean(RunResult result, Func<BackendInterval, double> read) => Aggregate(result, read, values => values.Average());

    public IReadOnlyList<double> Lowest(RunResult result, Func<BackendInterval, double> read) => Aggregate(result, read, values => values.Min());

    public IReadOnlyList<double> Highest(RunResult result, Func<BackendInterval, double> read) => Aggregate(result, read, values => values.Max());

    private double[] Aggregate(RunResult result, Func<BackendInterval, double> read, Func<IEnumerable<double>, double> aggregate) =>
        [.. Enumerable.Range(0, result.Intervals.Count).Select(interval => aggregate(Indexes.Select(index => read(result.Backends[index].Intervals[interval]))))];
}
