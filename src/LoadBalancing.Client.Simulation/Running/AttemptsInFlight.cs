using LoadBalancing.Client.Simulation.Servers;

namespace LoadBalancing.Client.Simulation.Running;

/// <summary>The attempts of one request that are under way: one, or several when it is hedged. Used again and again.</summary>
internal sealed class AttemptsInFlight(SimulationRun run)
{
    private readonly List<SimulatedAttempt> _attempts = new(1);

    public bool IsEmpty => _attempts.Count == 0;

    /// <summary>The one that was sent first. There must be one.</summary>
    public SimulatedAttempt Oldest => _attempts[0];

    /// <summary>The attempt with a number; <see langword="null"/> when it is over.</summary>
    public SimulatedAttempt? Find(int number) => _attempts.Find(attempt => attempt.Number == number);

    /// <summary>Sends the request to the backend of a lease.</summary>
    public void Send(SimulatedRequest request, in BackendLease lease, int number, bool isFirst)
    {
        Server server = run.Fleet.Find(lease.Backend.Id);
        SimulatedAttempt attempt = run.RentAttempt();
        attempt.Begin(request, lease, number, isFirst);
        _attempts.Add(attempt);
        run.Recorder.Backends[server.Index].OnAttempt(run.Clock.Now, request.IsCounted);
        server.Take(attempt);
    }

    /// <summary>The server is done with an attempt, or is told that nobody waits for it any more.</summary>
    public void End(SimulatedAttempt attempt, in Outcome outcome, bool isStopped = false)
    {
        if (isStopped)
        {
            attempt.Server.Withdraw(attempt);
        }

        _attempts.Remove(attempt);
        attempt.Complete(outcome);
        run.Return(attempt);
    }

    /// <summary>Nobody waits for any of them any more, which says nothing about their backends but that it took this long.</summary>
    public void Cancel()
    {
        while (!IsEmpty)
        {
            End(Oldest, Outcome.Canceled, isStopped: true);
        }
    }

    /// <summary>The simulation is over before they are.</summary>
    public void Abandon()
    {
        _attempts.ForEach(attempt => attempt.Complete(default));
        _attempts.Clear();
    }
}
