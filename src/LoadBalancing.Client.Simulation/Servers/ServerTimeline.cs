using LoadBalancing.Client.Simulation.Scenarios;
using LoadBalancing.Client.Simulation.Time;

namespace LoadBalancing.Client.Simulation.Servers;

/// <summary>Lets happen to servers what the scenario says. All that happens at one time is one event: a deployment that changes many backends at once is one new list for discovery.</summary>
internal sealed class ServerTimeline : IEvent
{
    private readonly VirtualClock _clock;
    private readonly Action _onListing;
    private readonly (Server Server, SettingsStep Step)[] _steps;

    /// <param name="servers">The servers, each as its first step says, and what happens to them.</param>
    /// <param name="clock">The time.</param>
    /// <param name="onListing">Called when discovery has another list.</param>
    public ServerTimeline(IEnumerable<(Server Server, IReadOnlyList<SettingsStep> Steps)> servers, VirtualClock clock, Action onListing)
    {
        _clock = clock;
        _onListing = onListing;
        _steps = [.. servers.SelectMany(server => server.Steps.Skip(1).Select(step => (server.Server, step))).OrderBy(change => change.step.From)];
    }

    public void Start() => Plan(0);

    public void Run(int tag)
    {
        int next = tag;
        bool isListedAnew = false;
        for (double time = _steps[tag].Step.From; next < _steps.Length && _steps[next].Step.From == time; next++)
        {
            (Server server, SettingsStep step) = _steps[next];
            isListedAnew |= server.Settings.Weight != step.Settings.Weight || server.Settings.IsRemoved != step.Settings.IsRemoved;
            server.Change(step.Settings);
        }

        if (isListedAnew)
        {
            _onListing();
        }

        Plan(next);
    }

    private void Plan(int step)
    {
        if (step < _steps.Length)
        {
            _clock.Schedule(_steps[step].Step.From, this, step);
        }
    }
}
