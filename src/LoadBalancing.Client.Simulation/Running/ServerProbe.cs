using LoadBalancing.Client.Simulation.Servers;
using LoadBalancing.Client.Simulation.Time;
using LoadBalancing.Client.Simulation.Traffic;

namespace LoadBalancing.Client.Simulation.Running;

/// <summary>
/// Asks a simulated server whether it works. It answers as it answers requests, after as long and with as many errors, but it answers at once: a probe neither queues nor takes a place.
/// </summary>
internal sealed class ServerProbe(int client, long seed, Fleet fleet, VirtualClock clock) : IHealthProbe
{
    private readonly SeededRandom _random = new(seed, RandomPurpose.Probes, client);

    /// <summary>So that it is the balancer that notices.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(1);

    /// <summary>After this a probe that nobody answers has ended too, since a backend is not probed again before that. The balancer's own timeout.</summary>
    public TimeSpan Timeout { get; set; }

    public ValueTask<ProbeResult> CheckAsync(Backend backend, CancellationToken cancellationToken)
    {
        Server server = fleet.Find(backend.Id);
        if (server.Settings.IsDown)
        {
            return ValueTask.FromResult(PendingProbe.Refused);
        }

        bool fails = _random.NextDouble() < server.Settings.ErrorRate;
        double latency = fails && server.Settings.ErrorLatency is { } errorLatency ? errorLatency : server.Settings.Latency.Draw(_random);
        PendingProbe probe = new(server, fails);
        clock.ScheduleAside(clock.Now + latency, probe, PendingProbe.Answer);
        clock.ScheduleAside(clock.TimeAfter(Timeout + Margin), probe, PendingProbe.GiveUp);
        return new ValueTask<ProbeResult>(probe.Result);
    }
}
