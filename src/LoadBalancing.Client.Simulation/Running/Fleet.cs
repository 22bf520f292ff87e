using LoadBalancing.Client.Simulation.Results;
using LoadBalancing.Client.Simulation.Scenarios;
using LoadBalancing.Client.Simulation.Servers;
using LoadBalancing.Client.Simulation.Time;
using LoadBalancing.Client.Simulation.Traffic;

namespace LoadBalancing.Client.Simulation.Running;

/// <summary>All servers, what happens to them, and what discovery says of them.</summary>
internal sealed class Fleet
{
    private readonly ServerTimeline _timeline;
    private readonly List<Backend> _descriptions = [];
    private readonly Dictionary<string, Server> _byId = new(StringComparer.Ordinal);

    /// <param name="scenario">Which servers there are, and what happens to them.</param>
    /// <param name="clock">The time.</param>
    /// <param name="recorder">Hears of their load.</param>
    /// <param name="trace">Hears of their work.</param>
    /// <param name="announce">Called when discovery has another list.</param>
    public Fleet(ScenarioPlan scenario, VirtualClock clock, RunRecorder recorder, IWorkTrace? trace, Action announce)
    {
        List<Server> servers = [];
        List<(Server, IReadOnlyList<SettingsStep>)> histories = [];
        foreach (BackendGroup group in scenario.Groups)
        {
            for (int i = 0; i < group.Ids.Count; i++)
            {
                int index = servers.Count;
                IReadOnlyList<SettingsStep> steps = group.CreateTimeline(i, scenario.Duration);
                ServerWatch watch = new(index, clock, recorder.Backends[index], trace);
                Server server = new(group.Ids[i], index, steps[0].Settings, clock, new SeededRandom(scenario.Seed, RandomPurpose.Service, index), watch);
                servers.Add(server);
                _byId.Add(server.Id, server);
                _descriptions.Add(Describe(group, i, index));
                histories.Add((server, steps));
            }
        }

        Servers = servers;
        _timeline = new ServerTimeline(histories, clock, announce);
    }

    public IReadOnlyList<Server> Servers { get; }

    /// <summary>What discovery says now.</summary>
    public IEnumerable<Backend> Listed =>
        Servers.Where(server => !server.Settings.IsRemoved).Select(server => _descriptions[server.Index] with { Weight = server.Settings.Weight });

    public Server Find(string id) => _byId[id];

    public void Start() => _timeline.Start();

    private static Backend Describe(BackendGroup group, int indexInGroup, int index) => new(FormattableString.Invariant($"http://10.{index >> 16}.{(index >> 8) & 255}.{index & 255}:8080"))
    {
        Id = group.Ids[indexInGroup],
        Priority = group.Priority,
        Locality = group.Locality,
        MaxConcurrency = group.MaxConcurrency,
    };
}
