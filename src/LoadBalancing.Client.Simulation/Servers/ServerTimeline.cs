using LoadBalancing.Client.Simulation.Scenarios;
using LoadBalancing.Client.Simulation.Time;

namespace LoadBalancing.Client.Simulation.Servers;

/// <summary>Lets happen to one server what the scenario says.</summary>
/// <param name="server">Which is as the first step says.</param>
/// <param name="steps">How it is from when on.</param>
/// <param name="clock">The time.</param>
/// <param name="onListing">Called when what discovery says of it has changed.</param>
internal sealed class ServerTimeline(Server server, IReadOnlyList<SettingsStep> steps, VirtualClock clock, Action onListing) : IEvent
{
    public void Start() => Plan(1);

    public void Run(int tag)
    {
        BackendSettings before = server.Settings;
        BackendSettings now = steps[tag].Settings;
        server.Change(now);
        if (before.Weight != now.Weight || before.IsRemoved != now.IsRemoved)
        {
            onListing();
        }

        Plan(tag + 1);
    }

    private void Plan(int step)
    {
        if (step < steps.Count)
        {
            clock.Schedule(steps[step].From, this, step);
        }
    }
}
