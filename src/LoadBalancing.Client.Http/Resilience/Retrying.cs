using System.Runtime.ExceptionServices;
using LoadBalancing.Client.Http.Bodies;
using Polly;

namespace LoadBalancing.Client.Http.Resilience;

/// <summary>
/// What becomes of a request whose first attempt has not brought what the caller wants: it is sent again, or the answer at hand is returned or thrown. The answer at hand is kept until the next attempt has a backend, since that
/// may fail: then it is the answer.
/// </summary>
internal sealed class Retrying
{
    private readonly BalancedRequest _request;
    private readonly HttpBalancingSettings _settings;
    private readonly bool _isIdempotent;
    private AttemptEnd _end;
    private bool _isUnderWay;
    private bool _isOver;
    private bool _holdsPlace;
    private RetryRefusal _refusal;
    private TimeSpan _wait;

    /// <param name="request">The request.</param>
    /// <param name="end">How its first attempt went.</param>
    public Retrying(BalancedRequest request, in AttemptEnd end)
    {
        _request = request;
        _settings = request.Settings;
        _end = end;
        _isIdempotent = RetryRules.IsIdempotent(request.Request);
        request.Record(end);
    }

    /// <summary>How long to wait before the retry that <see cref="TryPlan"/> has decided.</summary>
    public TimeSpan Delay { get; private set; }

    /// <summary>Whether sending it again is in question at all.</summary>
    private bool IsRetryable =>
        _settings.Retry is { } retry
        && _request.AttemptCount < retry.MaxAttempts
        && RetryRules.MayRetry(_isIdempotent, _end.Failure)
        && !_request.CallerToken.IsCancellationRequested
        && LoadBalancingRequestOptions.AllowsRetry(_request.Request)
        && !RetryRules.IsLeftAlone(_request.Request)
        && ((_end.Failure == AttemptFailure.NeverSent && ReplayableContent.IsPlain(_request.Request.Content))
            || ReplayableContent.IsInMemory(_request.Request.Content)
            || ReplayableContent.IsToBeBuffered(_request.Request, retry.MaxBufferedBodyBytes));

    public async Task<HttpResponseMessage> FinishAsync()
    {
        if (IsRetryable)
        {
            ResilienceContext context = ResilienceContextPool.Shared.Get(_request.CallerToken);
            try
            {
                Outcome<Retrying> outcome = await _settings.Pipeline!.ExecuteOutcomeAsync(static (_, retrying) => retrying.NextOutcomeAsync(), context, this).ConfigureAwait(false);
                if (outcome.Exception is { } failure)
                {
                    ExceptionDispatchInfo.Throw(failure);
                }
            }
            catch (Exception exception)
            {
                throw Abandon(exception);
            }
            finally
            {
                GiveBack();
                ResilienceContextPool.Shared.Return(context);
            }
        }

        return End();
    }

    public HttpResponseMessage Finish()
    {
        if (IsRetryable)
        {
            ResilienceContext context = ResilienceContextPool.Shared.Get(_request.CallerToken);
            try
            {
                _settings.Pipeline!.Execute(static (_, retrying) => retrying.Next(), context, this);
            }
            catch (Exception exception)
            {
                throw Abandon(exception);
            }
            finally
            {
                GiveBack();
                ResilienceContextPool.Shared.Return(context);
            }
        }

        return End();
    }

    /// <summary>Decides whether the request is sent again, and when. If so, it holds a place in the budget.</summary>
    public bool TryPlan()
    {
        if (_isOver || !IsRetryable)
        {
            return false;
        }

        RetryOptions retry = _settings.Retry!;
        TimeSpan wait = _request.Tried.ShortestWait(_settings.Balancer.Backends.Eligible);
        TimeSpan backoff = Backoff.Compute(retry, _request.AttemptCount - 1, _settings.Balancer.Random);
        Delay = wait > backoff ? wait : backoff;
        if (wait > retry.MaxRetryAfter)
        {
            _wait = wait;
            return Refuse(RetryRefusal.RetryAfter);
        }

        if (_request.Left <= Delay)
        {
            return Refuse(RetryRefusal.NoTime);
        }

        if (!_settings.TryWithdraw())
        {
            return Refuse(RetryRefusal.NoBudget);
        }

        // The answer is kept, but it must not take up room on its backend: the retry may have to wait for just that.
        _holdsPlace = true;
        (_end.Response?.Content as TrackedContent)?.Complete(default);
        return true;
    }

    private async ValueTask<Outcome<Retrying>> NextOutcomeAsync()
    {
        try
        {
            if (!IsFirstCall() && Begin(await _request.TryAcquireAsync(hasAnswer: _end.Response is not null).ConfigureAwait(false)) is { } lease)
            {
                _end = await _request.SendAttemptAsync(_request.Request, lease, _request.CallerToken).ConfigureAwait(false);
                _request.Record(_end);
            }
        }
#pragma warning disable CA1031 // It is thrown once the pipeline has ended.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return Polly.Outcome.FromException<Retrying>(exception);
        }

        return Polly.Outcome.FromResult(this);
    }

    private Retrying Next()
    {
        if (!IsFirstCall() && Begin(_request.TryAcquire(hasAnswer: _end.Response is not null)) is { } lease)
        {
            _end = _request.SendAttempt(_request.Request, lease, _request.CallerToken);
            _request.Record(_end);
        }

        return this;
    }

    /// <summary>The pipeline's first attempt is the one that has been made already.</summary>
    private bool IsFirstCall() => !_isUnderWay && (_isUnderWay = true);

    /// <summary>The next attempt is sent now, if there is a backend for it; else this is over.</summary>
    private BackendLease? Begin(BackendLease? lease)
    {
        if (lease is null)
        {
            _isOver = true;
            Refuse(_request.Left <= TimeSpan.Zero ? RetryRefusal.NoTime : RetryRefusal.NoBackend);
            return null;
        }

        try
        {
            _holdsPlace = false;
            _settings.Budget?.Spend();
            _end.Response?.Dispose();
            _settings.Instruments.CountRetry(_end.ErrorType);
            _request.LogFailure(_end, isSentAgain: true);
            return lease;
        }
        catch
        {
            // A listener to metrics may throw.
            lease.Value.Complete(default);
            throw;
        }
    }

    private void GiveBack()
    {
        if (_holdsPlace)
        {
            _holdsPlace = false;
            _settings.Budget?.GiveBack();
        }
    }

    /// <summary>Something else than an attempt has failed: mostly, the caller has given up in between.</summary>
    private Exception Abandon(Exception exception)
    {
        _request.LogFailure(_end, isSentAgain: false);
        _end.Response?.Dispose();
        return exception is OperationCanceledException && _request.CallerToken.IsCancellationRequested ? _request.CreateCanceled(exception) : Rethrow(exception);
    }

    private bool Refuse(RetryRefusal refusal)
    {
        _refusal = refusal;
        return false;
    }

    private HttpResponseMessage End()
    {
        if (_end.Failure != AttemptFailure.None)
        {
            _request.LogFailure(_end, isSentAgain: false);
        }

        return _end.Response ?? throw CreateError();
    }

    private Exception CreateError()
    {
        Exception error = _request.CreateError(_end, NotSentAgain.Describe(_request, _end, _refusal, _wait));
        return ReferenceEquals(error, _end.Exception) ? Rethrow(error) : error;
    }

    /// <summary>Throws it with the stack that it has.</summary>
    private static Exception Rethrow(Exception exception)
    {
        ExceptionDispatchInfo.Throw(exception);
        return exception;
    }
}
