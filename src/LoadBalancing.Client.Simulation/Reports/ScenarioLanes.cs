using LoadBalancing.Client.Simulation.Charts;

namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>What the scenario does, as lanes over time: one for each kind of thing that happens to a group, as high as the share of its backends that it happens to.</summary>
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
            .Select(happenings => CreateLane(happenings.Key.Group, happenings.Key.What, [.. happenings], happenings.Key.Group is { } group ? sizes[group].Sum() : 1));
    }

    private static Lane CreateLane(string? group, string what, IReadOnlyList<Happening> happenings, int size)
    {
        (double From, double Share)[] steps =
        [
            .. happenings.SelectMany(happening => new[] { happening.From, happening.Until }).Distinct().Order()
                .Select(time => (time, happenings.Count(happening => happening.From <= time && time < happening.Until) / (double)size)),
        ];
        return new Lane(group ?? "traffic", what, [new LanePart("event lane-bar", steps)]);
    }
}
