using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Simulation.Results;
using LoadBalancing.Client.Simulation.Servers;
using LoadBalancing.Client.Simulation.Time;

namespace LoadBalancing.Client.Simulation.Running;

/// <summary>A request: picks a backend, sends an attempt, hears how it went, maybe tries again, and gives up when its time is over. Does what the HTTP handler does with a lease. Used again and again.</summary>
internal sealed class SimulatedRequest(SimulationRun run) : IEvent
{
    private const int TagsPerUse = 2;
    private const int Deadline = 0;
    private const int EndOfParking = 1;

    private Client _client = null!;
    private SimulatedAttempt? _attempt;
    private BackendExclusions _tried;
    private ulong? _hash;
    private double _arrived;
    private int _attempts;
    private int _uses;
    private bool _isParked;
    private bool _isLate;

    /// <summary>Whether it is in use.</summary>
    public bool IsOpen { get; private set; }

    public Balancer Balancer => _client.Balancer;

    private bool IsCounted => run.Recorder.IsCounted(_arrived);

    public void Start(Client client, ulong? hash)
    {
        _client = client;
        _hash = hash;
        _arrived = run.Clock.Now;
        _attempts = 0;
        _tried = default;
        _isLate = _isParked = false;
        IsOpen = true;

        // What is answered just when the time is over is in time.
        run.Clock.Schedule(Math.BitIncrement(_arrived + run.Scenario.Timeout), this, (_uses * TagsPerUse) + Deadline);
        Try();
    }

    public void Run(int tag)
    {
        if (tag == (_uses * TagsPerUse) + Deadline)
        {
            OnDeadline();
        }
        else if (tag == (_uses * TagsPerUse) + EndOfParking && _isParked)
        {
            run.Parking.Remove(this);
            End(RequestResult.Failure);
        }
    }

    /// <summary>What it was parked for is here.</summary>
    public void GoOn()
    {
        _isParked = false;
        Try();
    }

    public void OnAttemptEnded(SimulatedAttempt attempt, JobEnd end)
    {
        _attempt = null;
        BackendState backend = attempt.Lease.Backend;
        attempt.Lease.Complete(Describe(end));
        if (end != JobEnd.Answered)
        {
            run.Recorder.Backends[attempt.Server.Index].OnFailure(run.Clock.Now, IsCounted);
        }

        run.Return(attempt);
        if (_isLate)
        {
            End(RequestResult.Timeout);
        }
        else if (end == JobEnd.Answered)
        {
            End(RequestResult.Success);
        }
        else if (run.Retries.Allows(_attempts))
        {
            _tried = _tried.With(backend);
            Try();
        }
        else
        {
            End(RequestResult.Failure);
        }
    }

    /// <summary>Nothing will happen any more, and it has not been answered.</summary>
    public void Abandon()
    {
        _attempt?.Lease.Complete(default);
        End(RequestResult.Timeout);
    }

    private void Try()
    {
        PickRequest request = new() { Hash = _hash, Excluded = _tried };
        if (!Balancer.TryPick(request, out BackendLease lease))
        {
            WaitOrFail();
            return;
        }

        Server server = run.Fleet.Find(lease.Backend.Id);
        SimulatedAttempt attempt = _attempt = run.RentAttempt();
        attempt.Request = this;
        attempt.Lease = lease;
        _attempts++;
        run.Recorder.Backends[server.Index].OnAttempt(run.Clock.Now, IsCounted);
        server.Take(attempt);
    }

    private void WaitOrFail()
    {
        double end = _arrived + Balancer.Options.FirstBackendsTimeout.TotalSeconds;
        if (Balancer.IsSettled || run.Clock.Now >= end)
        {
            End(RequestResult.Failure);
            return;
        }

        _isParked = true;
        run.Parking.Add(this);
        run.Clock.Schedule(end, this, (_uses * TagsPerUse) + EndOfParking);
    }

    private void OnDeadline()
    {
        _isLate = true;
        if (_isParked)
        {
            run.Parking.Remove(this);
            End(RequestResult.Timeout);
        }
        else if (run.Scenario.CancelOnTimeout && _attempt is { } attempt)
        {
            _attempt = null;
            attempt.Server.Withdraw(attempt);
            attempt.Lease.Complete(Outcome.Canceled);
            run.Return(attempt);
            End(RequestResult.Timeout);
        }
    }

    private void End(RequestResult result)
    {
        double waited = run.Clock.Now - _arrived;
        bool gaveUp = result == RequestResult.Timeout && run.Scenario.CancelOnTimeout;
        run.Recorder.Requests.Add(_arrived, gaveUp ? run.Scenario.Timeout : waited, result, Math.Max(0, _attempts - 1));
        _uses++;
        IsOpen = false;
        run.Return(this);
    }

    private Outcome Describe(JobEnd end) => end switch
    {
        JobEnd.Answered => Outcome.Succeeded with { Bytes = run.Scenario.ResponseBytes },
        JobEnd.Error => Outcome.Failed with { ErrorType = "500" },
        JobEnd.Refused => Outcome.ConnectFailed with { ErrorType = "connection_error" },
        _ => Outcome.Failed with { ErrorType = "connection_lost" },
    };
}
