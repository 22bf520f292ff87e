using LoadBalancing.Client.Http.Deadlines;

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
    private readonly BalancedRequest _request;
    private readonly HedgeTiming _timing;
    private readonly TimeSpan? _delay;
    private readonly HedgedAttempts _attempts;

    private HedgedRequest(BalancedRequest request)
    {
        HedgingSettings hedging = request.Settings.Hedging!;
        _request = request;
        _timing = hedging.Timing;
        _delay = _timing.FindDelay();
        _attempts = new HedgedAttempts(request, hedging.MaxHedges, _delay);
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
            hedged._attempts.AbandonAll();
        }
    }

    private async Task<HttpResponseMessage> RunAsync(BackendLease lease)
    {
        _attempts.SendFirst(lease);
        while (true)
        {
            HedgedAttempt? ended = await _attempts.TakeEndedAsync().ConfigureAwait(false);
            if (ended is null)
            {
                _attempts.TryHedge();
                continue;
            }

            AttemptEnd end = Accept(ended);
            if (end.Failure == AttemptFailure.None)
            {
                return end.Response!;
            }

            if (end.Failure == AttemptFailure.Final || _attempts.IsEmpty)
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
                _timing.Record(end, _delay);
            }

            bool isWon = end.Failure == AttemptFailure.None;
            bool isDecided = isWon || end.Failure == AttemptFailure.Final;
            if (isDecided)
            {
                RecordLosers(isWon ? "lost" : "canceled");
            }

            ended.Accept(end, _attempts.SentCount > 1 ? _request.ListWith(end) : null);
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

    /// <summary>What is still running is not wanted any more.</summary>
    private void RecordLosers(string outcome)
    {
        foreach (HedgedAttempt loser in _attempts.UnderWay)
        {
            TimeSpan elapsed = loser.Elapsed;
            if (!loser.IsHedge)
            {
                _timing.Record(elapsed);
            }

            Count(loser, outcome);
            _request.RecordCanceled(loser.Backend, elapsed);
        }
    }

    private void Count(HedgedAttempt attempt, string outcome)
    {
        if (attempt.IsHedge)
        {
            _request.Settings.Instruments.CountHedge(outcome);
        }
    }
}
