using LoadBalancing.Client.Telemetry;

namespace LoadBalancing.Client.Http.Resilience.Hedging;

/// <summary>The attempts of a hedged request that are under way, each on another backend. Not thread safe.</summary>
internal sealed class HedgedAttempts
{
    private readonly BalancedRequest _request;
    private readonly HttpBalancingSettings _settings;
    private readonly TimeSpan? _delay;
    private readonly List<HedgedAttempt> _running = new(2);
    private BackendExclusions _used;
    private int _hedgesLeft;
    private long _hedgeAt;

    /// <param name="request">The request.</param>
    /// <param name="maxHedges">How many hedges it may have.</param>
    /// <param name="delay">How long after the last attempt each of them is sent; <see langword="null"/> for none.</param>
    public HedgedAttempts(BalancedRequest request, int maxHedges, TimeSpan? delay)
    {
        _request = request;
        _settings = request.Settings;
        _delay = delay;
        _hedgesLeft = delay is null ? 0 : maxHedges;
    }

    /// <summary>Those that have not ended, or were not taken yet.</summary>
    public IReadOnlyList<HedgedAttempt> UnderWay => _running;

    public bool IsEmpty => _running.Count == 0;

    /// <summary>How many were sent, those that have ended included.</summary>
    public int SentCount => _used.Count;

    public void SendFirst(in BackendLease lease) => Send(lease, isHedge: false);

    /// <summary>The next attempt that ends, which is not among these any more then; <see langword="null"/> when it is time for a hedge first.</summary>
    public async ValueTask<HedgedAttempt?> TakeEndedAsync()
    {
        Task any = _running.Count == 1 ? _running[0].Ended : Task.WhenAny(_running.Select(attempt => attempt.Ended));
        if (_hedgesLeft == 0 || any.IsCompleted)
        {
            await any.ConfigureAwait(false);
        }
        else
        {
            TimeSpan left = _settings.TimeProvider.GetElapsedTime(_settings.TimeProvider.GetTimestamp(), _hedgeAt);
            await any.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, _settings.TimeProvider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        int index = _running.FindIndex(attempt => attempt.Ended.IsCompleted);
        if (index < 0)
        {
            return null;
        }

        HedgedAttempt ended = _running[index];
        _running.RemoveAt(index);
        return ended;
    }

    /// <summary>Sends the request to a backend that does not have it yet, if there is one and the budget allows. If not, that is it: what has become of the request decides.</summary>
    public void TryHedge()
    {
        _hedgesLeft--;
        if (!IsAnybodyLeft() || _request.Left <= TimeSpan.Zero || !_settings.TryWithdraw())
        {
            _hedgesLeft = 0;
            return;
        }

        bool isSent = false;
        try
        {
            if (!_settings.Line.TryAcquire(_request.CreatePick(_used), out BackendLease lease) || _used.Contains(lease.Backend))
            {
                // Nobody but those who are at it has room, or others wait for it.
                lease.Complete(default);
                _hedgesLeft = 0;
                return;
            }

            Send(lease, isHedge: true);
            isSent = true;
        }
#pragma warning disable CA1031 // What keeps a hedge from being sent (a key of one's own, a picker, a balancer that is disposed) must not cost the attempt that is under way.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _hedgesLeft = 0;
            Log.CodeFailed(_settings.Balancer.Logger, exception, _settings.Balancer.Name, "What chooses a backend for a hedge");
        }
        finally
        {
            if (isSent)
            {
                _settings.Budget?.Spend();
            }
            else
            {
                _settings.Budget?.GiveBack();
            }
        }
    }

    /// <summary>Ends what is under way.</summary>
    public void AbandonAll()
    {
        foreach (HedgedAttempt loser in _running)
        {
            loser.Abandon();
        }

        _running.Clear();
    }

    private bool IsAnybodyLeft()
    {
        foreach (BackendState backend in _settings.Balancer.Backends.Eligible)
        {
            if (!_used.Contains(backend))
            {
                return true;
            }
        }

        return false;
    }

    private void Send(in BackendLease lease, bool isHedge)
    {
        AttemptPlace place = new(_used.Count, isHedge);
        _used = _used.With(lease.Backend);
        _hedgeAt = _settings.TimeProvider.GetTimestamp() + (long)((_delay?.TotalSeconds ?? 0) * _settings.TimeProvider.TimestampFrequency);
        try
        {
            _running.Add(HedgedAttempt.Start(_request, lease, place));
        }
        catch
        {
            lease.Complete(default);
            throw;
        }
    }
}
