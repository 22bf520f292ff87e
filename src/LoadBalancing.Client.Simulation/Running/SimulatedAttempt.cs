using LoadBalancing.Client.Simulation.Servers;

namespace LoadBalancing.Client.Simulation.Running;

/// <summary>One try of a request at one server.</summary>
internal sealed class SimulatedAttempt : Job
{
    public SimulatedRequest Request { get; set; } = null!;

    public BackendLease Lease { get; set; }

    public override void OnEnded(JobEnd end) => Request.OnAttemptEnded(this, end);
}
