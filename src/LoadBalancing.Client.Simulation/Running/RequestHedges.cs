using LoadBalancing.Client.Http.Resilience;
using LoadBalancing.Client.Http.Resilience.Hedging;

namespace LoadBalancing.Client.Simulation.Running;

/// <summary>Whether and when one request is sent to another backend too: by the handler's own delay, which it learns as the handler does, and by its budget. Used again and again.</summary>
internal sealed class RequestHedges
{
    private Client _client = null!;
    private TimeSpan? _delay;
    private int _left;
    private BackendExclusions _used;

    /// <summary>How long after the last attempt the next one is due; <see langword="null"/> when there will be none.</summary>
    public TimeSpan? Delay => _left > 0 ? _delay : null;

    private HedgingSettings? Hedging => _client.Settings.Hedging;

    /// <summary>A request begins.</summary>
    public void Start(Client client)
    {
        _client = client;
        Close();
    }

    /// <summary>The first attempt is to be sent: from now on, others may be.</summary>
    public void Open()
    {
        if (Hedging is { } hedging)
        {
            _used = default;
            _delay = hedging.Timing.FindDelay();
            _left = _delay is null ? 0 : hedging.MaxHedges;
        }
    }

    /// <summary>No attempt is under way any more, so there is nothing to hedge.</summary>
    public void Close() => _left = 0;

    /// <summary>An attempt is sent.</summary>
    public void OnSent(BackendState backend)
    {
        if (Hedging is not null)
        {
            _used = _used.With(backend);
        }
    }

    /// <summary>It is time for one more: finds a backend that does not have the request, if there is one with room and the budget allows. If not, that is it.</summary>
    public bool TryAcquire(ulong? hash, Acquisition acquisition, out BackendLease lease)
    {
        lease = default;
        _left--;
        if (IsAnybodyLeft() && _client.Settings.TryWithdraw())
        {
            if (acquisition.TryNow(new PickRequest { Hash = hash, Excluded = _used }, out lease) && !_used.Contains(lease.Backend))
            {
                _client.Settings.Budget?.Spend();
                return true;
            }

            // Nobody but those who are at it has room, or others wait for it.
            lease.Complete(default);
            _client.Settings.Budget?.GiveBack();
        }

        Close();
        return false;
    }

    /// <summary>An attempt has ended: how long a first one took is what later requests wait.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="now">The time.</param>
    /// <param name="failure">In which way it has failed.</param>
    /// <param name="stop">What has ended it, if it was not the server.</param>
    public void OnEnded(SimulatedAttempt attempt, double now, AttemptFailure failure, AttemptStop stop)
    {
        if (attempt.IsFirst && Hedging is { } hedging)
        {
            hedging.Timing.Record(new AttemptEnd { Backend = attempt.Lease.Backend, Failure = failure, Stop = stop, Elapsed = TimeSpan.FromSeconds(now - attempt.Arrived) }, _delay);
        }
    }

    /// <summary>An attempt is ended because another one was faster.</summary>
    public void OnLost(SimulatedAttempt attempt, double now)
    {
        if (attempt.IsFirst)
        {
            Hedging?.Timing.Record(TimeSpan.FromSeconds(now - attempt.Arrived));
        }
    }

    private bool IsAnybodyLeft()
    {
        foreach (BackendState backend in _client.Balancer.Backends.Eligible)
        {
            if (!_used.Contains(backend))
            {
                return true;
            }
        }

        return false;
    }
}
