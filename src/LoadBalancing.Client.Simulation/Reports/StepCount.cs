namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>Follows over time for how many something is so, from when it begins and ends for each.</summary>
internal static class StepCount
{
    /// <summary>More steps than this cannot be told apart on a chart.</summary>
    private const int MostSteps = 500;

    /// <summary>How many there are from when on, in the order of time. Where changes are so dense that a chart cannot show them, the most of each short while.</summary>
    /// <param name="changes">When how many more or fewer.</param>
    /// <param name="duration">The end of time, in seconds.</param>
    public static IReadOnlyList<(double From, int Count)> Create(IEnumerable<(double Seconds, int Change)> changes, double duration)
    {
        List<(double From, int Count)> steps = [];
        int count = 0;
        foreach (IGrouping<double, int> moment in changes.GroupBy(change => change.Seconds, change => change.Change).OrderBy(moment => moment.Key))
        {
            count += moment.Sum();
            steps.Add((moment.Key, count));
        }

        return steps.Count <= MostSteps ? steps : Thin(steps, duration / MostSteps);
    }

    private static List<(double From, int Count)> Thin(List<(double From, int Count)> steps, double length)
    {
        List<(double From, int Count)> thin = [];
        int before = 0;
        foreach (IGrouping<double, (double From, int Count)> moment in steps.GroupBy(step => Math.Floor(step.From / length)))
        {
            // What it was at the beginning of the while counts too: it lasted into it.
            thin.Add((moment.Key * length, Math.Max(before, moment.Max(step => step.Count))));
            before = moment.Last().Count;
            thin.Add(((moment.Key + 1) * length, before));
        }

        // Where one while follows another, both have a step at one time: the later one counts.
        return [.. thin.GroupBy(step => step.From).Select(same => same.Last())];
    }
}
