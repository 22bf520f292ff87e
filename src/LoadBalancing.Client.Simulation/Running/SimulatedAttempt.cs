using LoadBalancing.Client.Simulation.Servers;

namespace LoadBalancing.Client.Simulation.Running;

/// <summary>One try of a request at one server.</summary>
internal sealed class SimulatedAttempt : Job
{
    public SimulatedRequest Request { get; private set; } = null!;

    public BackendLease Lease { get; private set; }

    /// <summary>What tells it from all other attempts of the request, earlier uses of it included.</summary>
    public int Number { get; private set; }

    /// <summary>Whether it is the first of its request.</summary>
    public bool IsFirst { get; private set; }

    public void Begin(SimulatedRequest request, in BackendLease lease, int number, bool isFirst) => (Request, Lease, Number, IsFirst) = (request, lease, number, isFirst);

    /// <summary>It is over: reports how.</summary>
    public void Complete(in Outcome outcome)
    {
        BackendLease lease = Lease;
        Lease = default;
        lease.Complete(outcome);
    }

    public override void OnEnded(JobEnd end) => Request.OnAttemptEnded(this, end);
}
