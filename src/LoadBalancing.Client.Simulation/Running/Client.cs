using LoadBalancing.Client.Simulation.Results;
using LoadBalancing.Client.Simulation.Scenarios;
using LoadBalancing.Client.Simulation.Time;
using LoadBalancing.Client.Simulation.Traffic;

namespace LoadBalancing.Client.Simulation.Running;

/// <summary>One process that calls the service, with a balancer of its own.</summary>
internal sealed class Client : IDisposable
{
    private readonly Announcements _announcements = new();

    /// <param name="index">Which of all clients.</param>
    /// <param name="scenario">How the balancer is configured.</param>
    /// <param name="policy">With which policy.</param>
    /// <param name="fleet">The backends.</param>
    /// <param name="clock">The time.</param>
    /// <param name="recorder">Hears of what the balancer does.</param>
    /// <param name="log">Hears of what goes wrong.</param>
    /// <param name="occupiedLines">Those clients' lines in which anybody waits.</param>
    /// <exception cref="ScenarioException">The balancer cannot be built.</exception>
    public Client(int index, ScenarioPlan scenario, PolicyChoice policy, Fleet fleet, VirtualClock clock, RunRecorder recorder, RunLog log, ISet<WaitingLine> occupiedLines)
    {
        ServerProbe probe = new(index, scenario.Seed, fleet, clock);
        BalancerBuilder builder = new BalancerBuilder(scenario.Name) { ReadVariable = static _ => null }
            .UseTimeProvider(clock)
            .UseRandom(new SeededRandom(scenario.Seed, RandomPurpose.Balancer, index))
            .UseLoggerFactory(log)
            .ReloadOn(_announcements.Source)
            .Configure(options =>
            {
                options.HasBackends = true;
                options.ActiveHealthChecks.Probe = probe;
                foreach (Backend backend in fleet.Listed)
                {
                    options.Backends.Add(backend);
                }
            });
        Locality? locality = scenario.ClientLocalities.Count == 0 ? null : scenario.ClientLocalities[index % scenario.ClientLocalities.Count];
        Balancer = scenario.Balancer.Build(policy, builder, locality);
        Settings = new ClientSettings(Balancer, scenario);
        Line = new WaitingLine(Balancer, occupiedLines);
        probe.Timeout = Balancer.Options.ActiveHealthChecks.Timeout;
        Balancer.AvailabilityChanged += (_, change) => recorder.Add(new AvailabilityEvent
        {
            Seconds = clock.Now,
            Client = index,
            Backend = change.Backend.Id,
            Flag = change.Flag,
            IsSet = change.IsSet,
            Cause = change.Cause,
        });
        Balancer.CircuitChanged += (_, change) => recorder.Add(new CircuitEvent
        {
            Seconds = clock.Now,
            Client = index,
            Backend = change.Backend.Id,
            From = change.From,
            To = change.To,
            Cause = change.Cause,
        });
    }

    public Balancer Balancer { get; }

    public ClientSettings Settings { get; }

    public WaitingLine Line { get; }

    /// <summary>Discovery has another list.</summary>
    public void Announce() => _announcements.Announce();

    public void Dispose() => Balancer.Dispose();
}
