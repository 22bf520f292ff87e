using LoadBalancing.Client.Http.Outcomes;
using LoadBalancing.Client.Http.Resilience;
using LoadBalancing.Client.Simulation.Results;
using LoadBalancing.Client.Simulation.Servers;
using LoadBalancing.Client.Simulation.Time;

namespace LoadBalancing.Client.Simulation.Running;

/// <summary>
/// A request: gets a backend, sends an attempt, maybe another one while that takes long, hears how they went, maybe tries again, and ends. Does what the HTTP handler does with leases. Used again and again.
/// </summary>
/// <remarks>What is planned for later cannot be called off. So what is planned for all of the request carries the number of its use, and the rest that of the last attempt; the end of a request counts as one.</remarks>
internal sealed class SimulatedRequest : IEvent
{
    private const int EventBits = 3;
    private const int LargestNumber = int.MaxValue >> EventBits;

    /// <summary>What is answered just when a time is over is answered in time, although the roundings of both times differ; in seconds.</summary>
    private const double Grace = 1e-9;

    private readonly SimulationRun _run;
    private readonly Acquisition _acquisition;
    private readonly AttemptsInFlight _attempts;
    private readonly RequestRetries _retries;
    private readonly RequestHedges _hedges = new();
    private ulong? _hash;
    private int _use;
    private int _number;
    private bool _isLate;

    public SimulatedRequest(SimulationRun run)
    {
        _run = run;
        _acquisition = new Acquisition(this, run);
        _attempts = new AttemptsInFlight(run);
        _retries = new RequestRetries(run.Clock);
    }

    /// <summary>Whether it is in use.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Whose request it is.</summary>
    public Client Client { get; private set; } = null!;

    /// <summary>When it came, in seconds.</summary>
    public double Arrived { get; private set; }

    public bool IsCounted => _run.Recorder.IsCounted(Arrived);

    private ClientSettings Settings => Client.Settings;

    /// <summary>When the client itself gives it up.</summary>
    private double End => Settings.RequestTimeout == Timeout.InfiniteTimeSpan ? double.PositiveInfinity : Arrived + Settings.RequestTimeout.TotalSeconds;

    public void Start(Client client, ulong? hash)
    {
        Client = client;
        Arrived = _run.Clock.Now;
        IsOpen = true;
        _hash = hash;
        _isLate = false;
        _retries.Start(client);
        _hedges.Start(client);

        Schedule(RequestEvent.CallerTimeout, _use, Arrived + _run.Scenario.Timeout + Grace);
        if (double.IsFinite(End))
        {
            Schedule(RequestEvent.RequestTimeout, _use, End);
        }

        Try();
    }

    public void Run(int tag)
    {
        int number = tag >> EventBits;
        switch ((RequestEvent)(tag & ((1 << EventBits) - 1)))
        {
            case RequestEvent.CallerTimeout when number == _use:
                OnCallerTimeout();
                break;
            case RequestEvent.RequestTimeout when number == _use:
                OnRequestTimeout();
                break;
            case RequestEvent.AttemptTimeout when _attempts.Find(number) is { } attempt:
                OnFailure(attempt, OutcomeClassifier.TimedOut, AttemptFailure.NoAnswer, AttemptStop.Timeout);
                break;
            case RequestEvent.Hedge when number == _number:
                Hedge();
                break;
            case RequestEvent.EndOfBackoff when number == _number:
                Try();
                break;
        }
    }

    /// <summary>There is a backend for the first attempt, or for the next after all others have failed.</summary>
    public void Send(in BackendLease lease)
    {
        if (_retries.Attempts == 0)
        {
            _hedges.Open();
        }

        SendAttempt(lease);
    }

    /// <summary>There is no backend.</summary>
    public void Refuse() => Finish(RequestResult.Failure);

    /// <summary>The server is done with an attempt.</summary>
    public void OnAttemptEnded(SimulatedAttempt attempt, JobEnd end)
    {
        switch (end)
        {
            case JobEnd.Answered:
                OnAnswer(attempt);
                break;
            case JobEnd.Error:
                OnFailure(attempt, Outcome.Failed with { ErrorType = "503" }, AttemptFailure.Refused);
                break;
            case JobEnd.Refused:
                OnFailure(attempt, Outcome.ConnectFailed with { ErrorType = "connection_error" }, AttemptFailure.NeverSent);
                break;
            default:
                OnFailure(attempt, Outcome.Failed with { ErrorType = "response_ended" }, AttemptFailure.NoAnswer);
                break;
        }
    }

    /// <summary>Nothing will happen any more, and it has not been answered.</summary>
    public void Abandon()
    {
        _attempts.Abandon();
        Finish(RequestResult.Timeout);
    }

    private static int NumberAfter(int number) => (number + 1) & LargestNumber;

    private void Schedule(RequestEvent happening, int number, double time) => _run.Clock.Schedule(time, this, (number << EventBits) | (int)happening);

    private void Try()
    {
        if (_retries.TryPickSuspect(out BackendLease suspect))
        {
            SendAttempt(suspect);
        }
        else
        {
            _acquisition.Begin(_retries.CreatePick(_hash), mayWait: !_retries.HasAnswer);
        }
    }

    private void Hedge()
    {
        if (_hedges.Delay is not null && _hedges.TryAcquire(_hash, _acquisition, out BackendLease lease))
        {
            SendAttempt(lease);
        }
    }

    private void SendAttempt(in BackendLease lease)
    {
        bool isFirst = _retries.Attempts == 0;
        _number = NumberAfter(_number);
        _retries.OnSent();
        _hedges.OnSent(lease.Backend);
        if (Settings.AttemptTimeout != Timeout.InfiniteTimeSpan)
        {
            Schedule(RequestEvent.AttemptTimeout, _number, _run.Clock.TimeAfter(Settings.AttemptTimeout));
        }

        if (_hedges.Delay is { } delay)
        {
            Schedule(RequestEvent.Hedge, _number, _run.Clock.TimeAfter(delay) + Grace);
        }

        _attempts.Send(this, lease, _number, isFirst);
    }

    private void OnAnswer(SimulatedAttempt attempt)
    {
        _hedges.OnEnded(attempt, _run.Clock.Now, AttemptFailure.None, AttemptStop.None);
        _attempts.End(attempt, Outcome.Succeeded with { Bytes = _run.Scenario.ResponseBytes });
        if (!_attempts.IsEmpty)
        {
            _hedges.OnLost(_attempts.Oldest, _run.Clock.Now);
            _attempts.Cancel();
        }

        Finish(RequestResult.Success);
    }

    private void OnFailure(SimulatedAttempt attempt, in Outcome outcome, AttemptFailure failure, AttemptStop stop = AttemptStop.None)
    {
        _retries.OnFailed(attempt.Lease.Backend, failure);
        Fail(attempt, outcome, failure, stop);
        if (!_attempts.IsEmpty)
        {
            // Whatever comes of the others will be the answer, or what retries begin with.
            return;
        }

        _hedges.Close();
        if (!_retries.TryPlan(End, out TimeSpan delay))
        {
            Finish(RequestResult.Failure);
        }
        else if (delay == TimeSpan.Zero)
        {
            Try();
        }
        else
        {
            Schedule(RequestEvent.EndOfBackoff, _number, _run.Clock.TimeAfter(delay));
        }
    }

    private void OnCallerTimeout()
    {
        _isLate = true;
        if (_run.Scenario.CancelOnTimeout)
        {
            if (!_attempts.IsEmpty)
            {
                _hedges.OnEnded(_attempts.Oldest, _run.Clock.Now, AttemptFailure.Final, AttemptStop.Canceled);
            }

            GiveUp();
        }
    }

    private void OnRequestTimeout()
    {
        if (!_attempts.IsEmpty)
        {
            SimulatedAttempt oldest = _attempts.Oldest;
            if (oldest.Arrived == Arrived)
            {
                Fail(oldest, OutcomeClassifier.TimedOut, AttemptFailure.Final, AttemptStop.RequestTimeout);
            }
            else
            {
                // One that had less than all of the time says nothing about its backend but that it took this long.
                _hedges.OnEnded(oldest, _run.Clock.Now, AttemptFailure.Final, AttemptStop.RequestTimeout);
            }
        }

        GiveUp();
    }

    private void Fail(SimulatedAttempt attempt, in Outcome outcome, AttemptFailure failure, AttemptStop stop)
    {
        _run.Recorder.Backends[attempt.Server.Index].OnFailure(_run.Clock.Now, IsCounted);
        _hedges.OnEnded(attempt, _run.Clock.Now, failure, stop);
        _attempts.End(attempt, outcome, isStopped: stop != AttemptStop.None);
    }

    private void GiveUp()
    {
        _attempts.Cancel();
        _acquisition.Leave();
        Finish(RequestResult.Timeout);
    }

    private void Finish(RequestResult result)
    {
        _retries.End();
        double latency = _isLate && _run.Scenario.CancelOnTimeout ? _run.Scenario.Timeout : _run.Clock.Now - Arrived;
        _run.Recorder.Requests.Add(Arrived, latency, _isLate ? RequestResult.Timeout : result, Math.Max(0, _retries.Attempts - 1));
        _use = NumberAfter(_use);
        _number = NumberAfter(_number);
        IsOpen = false;
        _run.Return(this);
    }
}
