using LoadBalancing.Client.Http.Deadlines;
using LoadBalancing.Client.Telemetry;

namespace LoadBalancing.Client.Http.Resilience.Hedging;

/// <summary>
/// A request that is sent to another backend too when it takes long. The first good answer wins, and the other attempts are canceled; one that fails waits for the others; when all have failed, retries go on from there.
/// </summary>
/// <remarks>
/// Not Polly's hedging: before it hands the winner's answer out, it waits until every loser has ended, however long that takes (HedgingExecutionContext.DisposeAsync of 8.9); and it sends the next attempt at once when one fails,
/// which is a retry without back-off. All that happens here happens in one sequence, whatever the attempts do meanwhile: nothing is locked, and only one of them can win.
/// </remarks>
internal sealed class HedgedRequest
{
    private readonly HttpBalancingSettings _settings;
    private readonly BalancedRequest _request;
    private readonly HedgingSettings _hedging;
    private readonly List<HedgedAttempt> _running = new(2);
    private readonly TimeSpan? _delay;
    private BackendExclusions _used;
    private int _hedgesLeft;
    private long _hedgeAt;

    private HedgedRequest(BalancedRequest request)
    {
        _request = request;
        _settings = request.Settings;
        _hedging = _settings.Hedging!;
        _delay = _hedging.Timing.FindDelay();
        _hedgesLeft = _delay is null ? 0 : _hedging.MaxHedges;
    }

    /// <summary>Whether the request may be hedged: any that may be sent again without asking, that has not forbidden it, and whose body is in memory.</summary>
    public static bool MayHedge(HttpRequestMessage request, HttpBalancingSettings settings) =>
        RetryRules.IsIdempotent(request)
        && !RetryRules.IsLeftAlone(request)
        && LoadBalancingRequestOptions.AllowsRetry(request)
        && (ReplayableContent.IsInMemory(request.Content) || (settings.MaxBufferedBodyBytes > 0 && ReplayableContent.IsToBeBuffered(request, settings.MaxBufferedBodyBytes)));

    public static async Task<HttpResponseMessage> SendAsync(HttpBalancingSettings settings, HttpRequestMessage request, RequestTimeouts timeouts, PickRequest pick, long started, CancellationToken callerToken)
    {
        BackendLease lease = await Acquisition.AcquireAsync(settings, pick, timeouts, started, callerToken).ConfigureAwait(false);
        Acquisition.ThrowIfLate(settings, lease, timeouts, started);
        HedgedRequest hedged;
        try
        {
            RequestCopy.Prepare(request);
            hedged = new HedgedRequest(new BalancedRequest(settings, request, started, callerToken));
        }
        catch
        {
            lease.Complete(default);
            throw;
        }

        try
        {
            return await hedged.RunAsync(lease).ConfigureAwait(false);
        }
        finally
        {
            hedged.AbandonRunning();
        }
    }

    private async Task<HttpResponseMessage> RunAsync(BackendLease lease)
    {
        Send(lease, isHedge: false);
        while (true)
        {
            HedgedAttempt? ended = await NextAsync().ConfigureAwait(false);
            if (ended is null)
            {
                TryHedge();
                continue;
            }

            _running.Remove(ended);
            AttemptEnd end = Accept(ended);
            if (end.Failure == AttemptFailure.None)
            {
                return end.Response!;
            }

            if (end.Failure == AttemptFailure.Final || _running.Count == 0)
            {
                return await new Retrying(_request, end).FinishAsync().ConfigureAwait(false);
            }

            // Whatever comes of the others will be the answer, or what retries begin with.
            _request.Record(end);
            _request.LogFailure(end, isSentAgain: true);
            end.Response?.Dispose();
        }
    }

    /// <summary>Reports how an attempt has ended, and, if that decides it, that of the others nothing will come.</summary>
    private AttemptEnd Accept(HedgedAttempt ended)
    {
        try
        {
            AttemptEnd end = ended.End();
            if (!ended.IsHedge)
            {
                _hedging.Timing.Record(end, _delay);
            }

            bool isWon = end.Failure == AttemptFailure.None;
            bool isDecided = isWon || end.Failure == AttemptFailure.Final;
            if (isDecided)
            {
                RecordLosers(isWon ? "lost" : "canceled");
            }

            ended.Accept(end, _used.Count > 1 ? _request.ListWith(end) : null);
            Count(ended, isWon ? "won" : isDecided ? "canceled" : "failed");
            return end;
        }
        catch
        {
            // A listener to metrics may throw.
            ended.Abandon();
            throw;
        }
    }

    /// <summary>The next attempt that ends; <see langword="null"/> when it is time for a hedge first.</summary>
    private async ValueTask<HedgedAttempt?> NextAsync()
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

        return _running.Find(attempt => attempt.Ended.IsCompleted);
    }

    /// <summary>Sends the request to a backend that does not have it yet, if there is one and the budget allows. If not, that is it: what has become of the request decides.</summary>
    private void TryHedge()
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

    /// <summary>What is still running is not wanted any more.</summary>
    private void RecordLosers(string outcome)
    {
        foreach (HedgedAttempt loser in _running)
        {
            TimeSpan elapsed = loser.Elapsed;
            if (!loser.IsHedge)
            {
                _hedging.Timing.Record(elapsed);
            }

            Count(loser, outcome);
            _request.RecordCanceled(loser.Backend, elapsed);
        }
    }

    private void AbandonRunning()
    {
        foreach (HedgedAttempt loser in _running)
        {
            loser.Abandon();
        }

        _running.Clear();
    }

    private void Count(HedgedAttempt attempt, string outcome)
    {
        if (attempt.IsHedge)
        {
            _settings.Instruments.CountHedge(outcome);
        }
    }
}
