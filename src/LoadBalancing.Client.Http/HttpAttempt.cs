using System.Diagnostics;
using System.Net;
using LoadBalancing.Client.Balancing;
using LoadBalancing.Client.Http.Bodies;
using LoadBalancing.Client.Http.Deadlines;
using LoadBalancing.Client.Http.Outcomes;
using LoadBalancing.Client.Http.Resilience;
using LoadBalancing.Client.Http.Routing;
using LoadBalancing.Client.Http.Telemetry;

namespace LoadBalancing.Client.Http;

/// <summary>
/// One try of a request on one backend, from the pick to the headers: <see cref="Begin"/>, <see cref="Arm"/> if the answer is not there at once,
/// then <see cref="Accept"/> or <see cref="Fail"/>, and in any case <see cref="RestoreRequest"/>. A value, so that the way without waiting allocates nothing for it.
/// </summary>
internal readonly struct HttpAttempt
{
    private readonly HttpBalancingSettings _settings;
    private readonly BackendLease _lease;
    private readonly HttpRequestMessage _request;
    private readonly RewrittenRequest _rewritten;
    private readonly AttemptDeadline? _deadline;
    private readonly CancellationToken _callerToken;

    private readonly Activity? _span;

    /// <summary>When it began, or <see cref="Attempt.Untimed"/>.</summary>
    private readonly long _started;

    private HttpAttempt(
        HttpBalancingSettings settings,
        in BackendLease lease,
        HttpRequestMessage request,
        in RewrittenRequest rewritten,
        AttemptDeadline? deadline,
        Activity? span,
        long started,
        CancellationToken callerToken)
    {
        _span = span;
        _settings = settings;
        _lease = lease;
        _request = request;
        _rewritten = rewritten;
        _deadline = deadline;
        _started = started;
        _callerToken = callerToken;
    }

    /// <summary>What the request is to be sent with.</summary>
    public CancellationToken Token => _deadline?.Token ?? _callerToken;

    /// <summary>Points the request to the backend of <paramref name="lease"/>. If that throws, the lease is complete.</summary>
    /// <param name="settings">The settings in force.</param>
    /// <param name="lease">Where to.</param>
    /// <param name="request">The request.</param>
    /// <param name="target">Its path and query.</param>
    /// <param name="deadline">What ends the attempt early, if anything does.</param>
    /// <param name="started">When it began, or <see cref="Attempt.Untimed"/>.</param>
    /// <param name="callerToken">The caller's.</param>
    /// <param name="place">Which attempt of the request it is.</param>
    public static HttpAttempt Begin(
        HttpBalancingSettings settings,
        in BackendLease lease,
        HttpRequestMessage request,
        in RequestTarget target,
        AttemptDeadline? deadline,
        long started,
        CancellationToken callerToken,
        AttemptPlace place = default)
    {
        RewrittenRequest? rewritten = null;
        try
        {
            rewritten = RewrittenRequest.Rewrite(request, lease.Backend, target);
            return new HttpAttempt(settings, lease, request, rewritten.Value, deadline, AttemptSpan.Start(settings.Balancer.Name, lease.Backend, place), started, callerToken);
        }
        catch
        {
            // A listener to spans may have thrown: what the caller has made must not point to a backend.
            rewritten?.Restore(request);
            lease.Complete(default);
            throw;
        }
    }

    /// <summary>Starts the time.</summary>
    public void Arm() => _deadline?.Arm(_settings.TimeProvider, _callerToken);

    public void RestoreRequest() => _rewritten.Restore(_request);

    /// <summary>What is sent is on its way: its span is not the caller's.</summary>
    public void LeaveSpan() => AttemptSpan.Leave(_span);

    /// <summary>The headers are here: reports them, and makes the response report the end of its body.</summary>
    /// <param name="response">What the backend has sent.</param>
    /// <param name="attempts">All attempts of the request, this one included; <see langword="null"/> when it is the first, so that there is nothing to tell.</param>
    public void Accept(HttpResponseMessage response, IReadOnlyList<BackendAttempt>? attempts = null)
    {
        Outcome outcome = OutcomeClassifier.OfStatus(response.StatusCode);
        bool isUpgrade = response.StatusCode == HttpStatusCode.SwitchingProtocols || IsTunnel(response);
        TrackedContent content = attempts is null
            ? new TrackedContent(response.Content, _lease, isUpgrade)
            : new RetriedContent(response.Content, _lease, isUpgrade, attempts);
        bool isOver = !isUpgrade && (HasNoBody(response) || content.IsEmpty);
        if (isOver)
        {
            _lease.Complete(outcome);
        }
        else
        {
            _lease.Responded(outcome);
        }

        _deadline?.Release();

        // Also when it is over: it names the backend.
        response.Content = content;
        AttemptSpan.End(_span, outcome, (int)response.StatusCode, outcome.ErrorType);
    }

    /// <summary>The headers of a request's first attempt are here.</summary>
    /// <returns>What finishes the request; <see langword="null"/> when the answer is what the caller gets.</returns>
    public Retrying? AcceptFirst(HttpResponseMessage response)
    {
        if (!_settings.IsRetried(response))
        {
            Accept(response);
            return null;
        }

        AttemptEnd end = DescribeAnswer(response);
        Accept(response);
        return new Retrying(CreateRequest(), end);
    }

    /// <summary>The first attempt of a request has failed.</summary>
    /// <returns>What finishes the request.</returns>
    public Retrying FailedFirst(Exception exception)
    {
        AttemptEnd end = Fail(exception);
        return new Retrying(CreateRequest(), end);
    }

    /// <summary>How the attempt went whose headers are here, for those who may send the request again. Before <see cref="Accept"/>.</summary>
    public AttemptEnd DescribeAnswer(HttpResponseMessage response) => new()
    {
        Backend = _lease.Backend,
        Failure = RetryRules.OfStatus(response.StatusCode),
        Response = response,
        ErrorType = OutcomeClassifier.OfStatus(response.StatusCode).ErrorType ?? (response.StatusCode == HttpStatusCode.TooManyRequests ? "429" : null),
        Elapsed = Elapsed,
    };

    /// <summary>There will be no headers: reports why.</summary>
    public AttemptEnd Fail(Exception exception)
    {
        bool isBackends = _settings.Handler.FailureOrigin is not { } origin || origin.HasThrown(exception);
        AttemptStop stop = FindStop(exception, isBackends);
        Outcome outcome = stop switch
        {
            // A handler inside was busy with something else.
            AttemptStop.Handler or AttemptStop.Timeout or AttemptStop.RequestTimeout when !isBackends => default,
            AttemptStop.Timeout => OutcomeClassifier.TimedOut,

            // With less time than an attempt may take, it says nothing about the backend but that it took this long.
            AttemptStop.RequestTimeout => _deadline!.IsWhole ? OutcomeClassifier.TimedOut : Outcome.Canceled,
            _ => OutcomeClassifier.OfException(exception, stop == AttemptStop.Canceled),
        };
        AttemptEnd end = new()
        {
            Backend = _lease.Backend,
            Failure = stop switch
            {
                AttemptStop.None or AttemptStop.ConnectTimeout => RetryRules.OfException(exception),
                AttemptStop.Timeout when isBackends => AttemptFailure.NoAnswer,
                _ => AttemptFailure.Final,
            },
            Exception = exception,
            Stop = stop,
            Timeout = _deadline?.Timeout ?? default,
            ErrorType = stop switch
            {
                AttemptStop.Timeout or AttemptStop.RequestTimeout => Outcome.TimeoutError,
                AttemptStop.Canceled => AttemptEnd.CanceledError,
                _ => outcome.ErrorType ?? exception.GetType().FullName,
            },
            Elapsed = Elapsed,
        };
        _lease.Complete(outcome);
        _deadline?.Release();
        AttemptSpan.End(_span, outcome, statusCode: null, end.ErrorType);
        return end;
    }

    /// <summary>Nobody wants the answer any more, if there is one: says nothing about the backend but that it took at least this long.</summary>
    public void Abandon()
    {
        _lease.Complete(Outcome.Canceled);
        _deadline?.Release();

        // To lose is no error.
        AttemptSpan.End(_span, Outcome.Canceled, statusCode: null, errorType: null);
    }

    /// <summary>From the pick, where that was timed: a request may have waited before it.</summary>
    private TimeSpan? Elapsed => _settings.Elapsed(_started == Attempt.Untimed || _lease.Started == Attempt.Untimed ? _started : _lease.Started);

    private BalancedRequest CreateRequest() => new(_settings, _request, _started, _callerToken);

    private AttemptStop FindStop(Exception exception, bool isBackends)
    {
        if (_callerToken.IsCancellationRequested)
        {
            return AttemptStop.Canceled;
        }

        if (_deadline is { IsCancellationRequested: true } && exception is OperationCanceledException)
        {
            return _deadline.IsRequests ? AttemptStop.RequestTimeout : AttemptStop.Timeout;
        }

        return !isBackends ? AttemptStop.Handler
            : RetryRules.IsConnectTimeout(exception) ? AttemptStop.ConnectTimeout
            : AttemptStop.None;
    }

    private bool HasNoBody(HttpResponseMessage response) =>
        response.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.NotModified || _request.Method == HttpMethod.Head;

    /// <summary>Over HTTP/2, a connection is upgraded by CONNECT and status 200.</summary>
    private bool IsTunnel(HttpResponseMessage response) => response.StatusCode == HttpStatusCode.OK && _request.Method == HttpMethod.Connect;
}
