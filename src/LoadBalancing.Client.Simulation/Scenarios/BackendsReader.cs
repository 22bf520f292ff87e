using System.Globalization;

namespace LoadBalancing.Client.Simulation.Scenarios;

/// <summary>Reads <c>backends</c>: groups of backends that are alike, and what happens to them.</summary>
internal static class BackendsReader
{
    private const int MostBackends = 10_000;
    private const double LongestSeconds = 1e6;
    private const string Requirement = "must be a list of at least one object such as { \"count\": 10, \"latency\": { \"distribution\": \"exponential\", \"meanMs\": 50 } }";

    public static IReadOnlyList<BackendGroup> Read(ScenarioNode root, double durationSeconds)
    {
        IReadOnlyList<ScenarioNode> nodes = root.FindList("backends", Requirement) is { Count: > 0 } list ? list : throw root.Problem("backends", Requirement);
        List<BackendGroup> groups = [];
        HashSet<string> ids = new(StringComparer.Ordinal);
        foreach (ScenarioNode node in nodes)
        {
            BackendGroup group = ReadGroup(node, ids.Count, durationSeconds);
            groups.Add(group);
            if (group.Ids.FirstOrDefault(id => !ids.Add(id)) is { } taken)
            {
                throw node.Problem("id", $"must be unique, and '{taken}' is that of another backend");
            }
        }

        return groups;
    }

    public static Locality ReadLocality(ScenarioNode node)
    {
        node.AllowOnly("region", "zone", "subZone");
        return new Locality(node.FindText("region") ?? "", node.FindText("zone") ?? "", node.FindText("subZone") ?? "");
    }

    private static BackendGroup ReadGroup(ScenarioNode node, int before, double durationSeconds)
    {
        node.AllowOnly(["id", "count", .. SettingsReader.Keys, "locality", "priority", "maxConcurrency", "events"]);
        string? name = node.FindText("id");
        int count = (int)(node.FindInteger("count", 1, MostBackends - before) ?? 1);
        SettingsChange change = SettingsReader.Read(node);
        Locality locality = node.FindObject("locality", "must be an object with region, zone, subZone") is { } place ? ReadLocality(place) : default;
        return new BackendGroup
        {
            Name = name ?? (count == 1 ? Number(before) : $"{Number(before)}…{Number(before + count - 1)}"),
            Ids = [.. Enumerable.Range(0, count).Select(index => name is null ? Number(before + index) : count == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}-{index}"))],
            Settings = change.ApplyTo(new BackendSettings { Latency = change.Latency ?? throw node.Problem("latency", LatencyReader.Requirement) }),
            Priority = (int)(node.FindInteger("priority", 0, int.MaxValue) ?? 0),
            Locality = locality,
            MaxConcurrency = (int?)node.FindInteger("maxConcurrency", 1, int.MaxValue),
            Events = [.. (node.FindList("events", "must be a list of events") ?? []).Select(happening => ReadEvent(happening, durationSeconds))],
        };
    }

    private static string Number(int index) => string.Create(CultureInfo.InvariantCulture, $"b{index}");

    private static BackendEvent ReadEvent(ScenarioNode node, double durationSeconds)
    {
        node.AllowOnly([.. EventSpanReader.Keys, "staggerSeconds", .. SettingsReader.Keys]);
        EventSpan span = EventSpanReader.Read(node, durationSeconds);
        double stagger = node.FindNumber("staggerSeconds", 0, LongestSeconds) ?? 0;
        SettingsChange change = SettingsReader.Read(node);
        return change == new SettingsChange()
            ? throw node.Problem($"must set something: {string.Join(", ", SettingsReader.Keys)}")
            : new BackendEvent(span, EventSpan.FromSeconds(stagger), change);
    }
}
