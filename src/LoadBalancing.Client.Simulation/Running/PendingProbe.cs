using LoadBalancing.Client.Simulation.Servers;
using LoadBalancing.Client.Simulation.Time;

namespace LoadBalancing.Client.Simulation.Running;

/// <summary>A probe under way. What waits for it goes on inside <see cref="Run"/>.</summary>
internal sealed class PendingProbe(Server server, bool fails) : IEvent
{
    public const int Answer = 0;
    public const int GiveUp = 1;

    private readonly TaskCompletionSource<ProbeResult> _result = new();

    public static ProbeResult Refused => ProbeResult.Unhealthy("connection refused", "connection_error");

    public Task<ProbeResult> Result => _result.Task;

    public void Run(int tag)
    {
        if (tag == GiveUp)
        {
            _result.TrySetResult(ProbeResult.Unhealthy("no answer", "timeout"));
        }
        else if (!server.Settings.Hangs)
        {
            _result.TrySetResult(server.Settings.IsDown ? Refused : fails ? ProbeResult.Unhealthy("500", "500") : ProbeResult.Healthy);
        }
    }
}
