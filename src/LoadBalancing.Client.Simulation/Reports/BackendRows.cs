using LoadBalancing.Client.Simulation.Charts;

namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>Backends as rows of a heat map: each has one, or, when there are very many, neighbours of one group share one.</summary>
internal static class BackendRows
{
    private const int Most = 60;

    public static IReadOnlyList<HeatRow> Create(RunResult result, Func<BackendInterval, double> read)
    {
        int perRow = PerRow(result.Backends.Count);
        return [.. Group(result.Backends).SelectMany(group => group.Chunk(perRow)).Select(backends => CreateRow(backends, result.Intervals.Count, read))];
    }

    /// <summary>How many backends a row stands for at most.</summary>
    public static int PerRow(int backends) => (backends + Most - 1) / Most;

    private static IEnumerable<IReadOnlyList<BackendSeries>> Group(IReadOnlyList<BackendSeries> backends)
    {
        // Where every backend is a group of its own, groups do not keep rows few.
        bool haveGroups = backends.Select(backend => backend.Group).Distinct(StringComparer.Ordinal).Take(Most).Count() < Most / 2;
        return haveGroups ? backends.GroupBy(backend => backend.Group, StringComparer.Ordinal).Select(group => (IReadOnlyList<BackendSeries>)[.. group]) : [backends];
    }

    private static HeatRow CreateRow(BackendSeries[] backends, int intervals, Func<BackendInterval, double> read) => new(
        backends[0].Group,
        backends.Length == 1 ? backends[0].Id : $"{backends[0].Id}–{backends[^1].Id}",
        [.. Enumerable.Range(0, intervals).Select(interval => backends.Average(backend => read(backend.Intervals[interval])))]);
}
