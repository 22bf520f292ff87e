using LoadBalancing.Client.Http.Outcomes;
using LoadBalancing.Client.Simulation.Results;
using LoadBalancing.Client.Simulation.Servers;
using LoadBalancing.Client.Simulation.Time;

namespace LoadBalancing.Client.Simulation.Running;

/// <summary>
/// A request: picks a backend, sends an attempt, hears how it went, maybe tries again, and ends. Does what the HTTP handler does with a lease. Used again and again.
/// </summary>
/// <remarks>What is planned for later cannot be called off. So whatever is planned for a stage carries the number of the stage, and what is planned for all of the request that of its use.</remarks>
internal sealed class SimulatedRequest(SimulationRun run) : IEvent
{
    private const int TagsPerStage = 8;

    private readonly RequestRetries _retries = new(run.Clock);
    private Client _client = null!;
    private SimulatedAttempt? _attempt;
    private ulong? _hash;
    private double _arrived;
    private double _attemptBegan;
    private int _use;
    private int _stage;
    private bool _isLate;

    /// <summary>Whether it is in use.</summary>
    public bool IsOpen { get; private set; }

    public Balancer Balancer => _client.Balancer;

    /// <summary>What its next attempt is picked by.</summary>
    public PickRequest Pick { get; private set; }

    private ClientSettings Settings => _client.Settings;

    /// <summary>When the client itself gives it up.</summary>
    private double End => Settings.RequestTimeout == Timeout.InfiniteTimeSpan ? double.PositiveInfinity : _arrived + Settings.RequestTimeout.TotalSeconds;

    private bool IsCounted => run.Recorder.IsCounted(_arrived);

    public void Start(Client client, ulong? hash)
    {
        _client = client;
        _hash = hash;
        _arrived = run.Clock.Now;
        _isLate = false;
        IsOpen = true;
        _retries.Start(client);

        // What is answered just when the time is over is in time.
        Schedule(RequestEvent.CallerTimeout, _use, Math.BitIncrement(_arrived + run.Scenario.Timeout));
        if (double.IsFinite(End))
        {
            Schedule(RequestEvent.RequestTimeout, _use, End);
        }

        Try();
    }

    public void Run(int tag)
    {
        RequestEvent happening = (RequestEvent)(tag & (TagsPerStage - 1));
        bool isOfAll = happening is RequestEvent.CallerTimeout or RequestEvent.RequestTimeout;
        if (tag != Tag(happening, isOfAll ? _use : _stage))
        {
            return;
        }

        switch (happening)
        {
            case RequestEvent.CallerTimeout:
                OnCallerTimeout();
                break;
            case RequestEvent.RequestTimeout:
                OnRequestTimeout();
                break;
            case RequestEvent.AttemptTimeout:
                OnAttemptTimeout();
                break;
            case RequestEvent.EndOfBackoff:
                Try();
                break;
            default:
                LeaveLines();
                Refuse();
                break;
        }
    }

    /// <summary>Tries to get a backend, or waits for one.</summary>
    public void Acquire()
    {
        _stage++;
        if (_client.Line.IsEmpty && Balancer.TryPick(Pick, out BackendLease lease))
        {
            Send(lease);
            return;
        }

        double knownAt = _arrived + Balancer.Options.FirstBackendsTimeout.TotalSeconds;
        if (!Balancer.IsSettled && run.Clock.Now < knownAt)
        {
            run.Parking.Add(this);
            Schedule(RequestEvent.EndOfParking, _stage, knownAt);
        }
        else if ((!_client.Line.IsEmpty || Balancer.IsSaturated) && _client.Line.TryAdd(this, Settings.Queue.MaxQueue))
        {
            Schedule(RequestEvent.QueueTimeout, _stage, run.Clock.TimeAfter(Settings.Queue.Timeout));
        }
        else
        {
            Refuse();
        }
    }

    /// <summary>There is a backend.</summary>
    public void Send(in BackendLease lease)
    {
        _stage++;
        _retries.OnSent();
        Server server = run.Fleet.Find(lease.Backend.Id);
        SimulatedAttempt attempt = _attempt = run.RentAttempt();
        attempt.Request = this;
        attempt.Lease = lease;
        _attemptBegan = run.Clock.Now;
        run.Recorder.Backends[server.Index].OnAttempt(run.Clock.Now, IsCounted);
        if (Settings.AttemptTimeout != Timeout.InfiniteTimeSpan)
        {
            Schedule(RequestEvent.AttemptTimeout, _stage, run.Clock.TimeAfter(Settings.AttemptTimeout));
        }

        server.Take(attempt);
    }

    /// <summary>There is no backend.</summary>
    public void Refuse() => Finish(RequestResult.Failure);

    /// <summary>The server is done with the attempt.</summary>
    public void OnAttemptEnded(SimulatedAttempt attempt, JobEnd end)
    {
        if (end == JobEnd.Answered)
        {
            CloseAttempt(Outcome.Succeeded with { Bytes = run.Scenario.ResponseBytes });
            Finish(RequestResult.Success);
        }
        else
        {
            OnFailure(attempt, end switch
            {
                JobEnd.Error => Outcome.Failed with { ErrorType = "503" },
                JobEnd.Refused => Outcome.ConnectFailed with { ErrorType = "connection_error" },
                _ => Outcome.Failed with { ErrorType = "response_ended" },
            });
        }
    }

    /// <summary>Nothing will happen any more, and it has not been answered.</summary>
    public void Abandon()
    {
        _attempt?.Lease.Complete(default);
        Finish(RequestResult.Timeout);
    }

    private static int Tag(RequestEvent happening, int number) => unchecked(number * TagsPerStage) | (int)happening;

    private void Schedule(RequestEvent happening, int number, double time) => run.Clock.Schedule(time, this, Tag(happening, number));

    private void Try()
    {
        Pick = _retries.CreatePick(_hash);
        Acquire();
    }

    private void OnFailure(SimulatedAttempt attempt, in Outcome outcome)
    {
        run.Recorder.Backends[attempt.Server.Index].OnFailure(run.Clock.Now, IsCounted);
        BackendState backend = attempt.Lease.Backend;
        CloseAttempt(outcome);
        _stage++;
        if (!_retries.TryPlan(backend, End, out TimeSpan delay))
        {
            Finish(RequestResult.Failure);
        }
        else if (delay == TimeSpan.Zero)
        {
            Try();
        }
        else
        {
            Schedule(RequestEvent.EndOfBackoff, _stage, run.Clock.TimeAfter(delay));
        }
    }

    private void OnCallerTimeout()
    {
        _isLate = true;
        if (run.Scenario.CancelOnTimeout)
        {
            StopAttempt(Outcome.Canceled);
            LeaveLines();
            Finish(RequestResult.Timeout);
        }
    }

    private void OnRequestTimeout()
    {
        // An attempt that had less than all of the time says nothing about its backend but that it took this long.
        bool hadAllOfIt = _attempt is not null && _attemptBegan == _arrived;
        if (hadAllOfIt)
        {
            run.Recorder.Backends[_attempt!.Server.Index].OnFailure(run.Clock.Now, IsCounted);
        }

        StopAttempt(hadAllOfIt ? OutcomeClassifier.TimedOut : Outcome.Canceled);
        LeaveLines();
        Finish(RequestResult.Timeout);
    }

    private void OnAttemptTimeout()
    {
        SimulatedAttempt attempt = _attempt!;
        attempt.Server.Withdraw(attempt);
        OnFailure(attempt, OutcomeClassifier.TimedOut);
    }

    private void StopAttempt(in Outcome outcome)
    {
        if (_attempt is { } attempt)
        {
            attempt.Server.Withdraw(attempt);
            CloseAttempt(outcome);
        }
    }

    private void CloseAttempt(in Outcome outcome)
    {
        SimulatedAttempt attempt = _attempt!;
        _attempt = null;
        attempt.Lease.Complete(outcome);
        run.Return(attempt);
    }

    private void LeaveLines()
    {
        run.Parking.Remove(this);
        _client.Line.Remove(this);
    }

    private void Finish(RequestResult result)
    {
        _retries.End();
        double latency = _isLate && run.Scenario.CancelOnTimeout ? run.Scenario.Timeout : run.Clock.Now - _arrived;
        run.Recorder.Requests.Add(_arrived, latency, _isLate ? RequestResult.Timeout : result, Math.Max(0, _retries.Attempts - 1));
        _use++;
        _stage++;
        IsOpen = false;
        run.Return(this);
    }
}
