using LoadBalancing.Client.Simulation.Charts;

namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>What the scenario does, as lanes over time: one for each kind of thing that happens to a group, the higher the more of its backends it happens to.</summary>
internal static class ScenarioLanes
{
    /// <summary>More kinds than this, and the lanes say less than the shading of the panels above.</summary>
    private const int Most = 12;

    /// <summary>A panel, or none when nothing happens.</summary>
    public static IReadOnlyList<Panel> CreatePanels(Scenario scenario, TimeFrame time)
    {
        Lane[] lanes = [.. Create(scenario)];
        return lanes.Length switch
        {
            0 => [],
            <= Most => [LanePanel.Create("what the scenario does", "", time, lanes)],
            _ => [LanePanel.Create("what the scenario does", FormattableString.Invariant($"the first {Most} of {lanes.Length}"), time, lanes[..Most])],
        };
    }

    private static IEnumerable<Lane> Create(Scenario scenario)
    {
        // Two groups can have one name, as long as their backends have different ids.
        ILookup<string, int> sizes = scenario.Plan.Groups.ToLookup(group => group.Name, group => group.Ids.Count, StringComparer.Ordinal);
        return Happenings.Find(scenario.Plan)
            .GroupBy(happening => (happening.Group, happening.What))
            .Select(happenings => CreateLane(happenings.Key.Group, happenings.Key.What, happenings, happenings.Key.Group is { } group ? sizes[group].Sum() : 1, scenario.Plan.Duration));
    }

    private static Lane CreateLane(string? group, string what, IEnumerable<Happening> happenings, int size, double duration)
    {
        IEnumerable<(double, int)> changes = happenings.SelectMany(happening => new[] { (happening.From, 1), (happening.Until, -1) });
        IReadOnlyList<(double From, int Count)> steps = StepCount.Create(changes, duration);
        int highest = steps.Max(step => step.Count);
        return new Lane(
            group ?? "traffic",
            highest == size ? what : FormattableString.Invariant($"{what}, up to {highest} of {size} at once"),
            [new LanePart("event lane-bar", [.. steps.Select(step => (step.From, step.Count / (double)highest))])]);
    }
}
