using System.Diagnostics;
using System.Net;
using LoadBalancing.Client.Backends;
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

    private HttpAttempt(
        HttpBalancingSettings settings,
        in BackendLease lease,
        HttpRequestMessage request,
        in RewrittenRequest rewritten,
        AttemptDeadline? deadline,
        Activity? span,
        CancellationToken callerToken)
    {
        _span = span;
        _settings = settings;
        _lease = lease;
        _request = request;
        _rewritten = rewritten;
        _deadline = deadline;
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
    /// <param name="callerToken">The caller's.</param>
    /// <param name="place">Which attempt of the request it is.</param>
    public static HttpAttempt Begin(
        HttpBalancingSettings settings,
        in BackendLease lease,
        HttpRequestMessage request,
        in RequestTarget target,
        AttemptDeadline? deadline,
        CancellationToken callerToken,
        AttemptPlace place = default)
    {
        RewrittenRequest rewritten;
        try
        {
            rewritten = RewrittenRequest.Rewrite(request, lease.Backend, target);
        }
        catch
        {
            lease.Complete(default);
            throw;
        }

        Activity? span = AttemptSpan.HasListeners ? StartSpan(settings, lease, request, rewritten, place) : null;
        return new HttpAttempt(settings, lease, request, rewritten, deadline, span, callerToken);
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
        if (attempts is null && GrpcCall.IsGrpc(_request.Content))
        {
            AcceptGrpc(response);
            return;
        }

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

    /// <summary>A gRPC call, which is never sent again here: whether it went well is known when its body has ended, unless the headers say it already.</summary>
    private void AcceptGrpc(HttpResponseMessage response)
    {
        Outcome? known = GrpcCall.FindOutcome(response);
        TrackedContent content;
        if (known is { } outcome)
        {
            // Whatever there is of a body, nobody will read it.
            content = new TrackedContent(response.Content, _lease, isUpgrade: false);
            content.Complete(outcome);
        }
        else
        {
            content = new GrpcContent(response, CreateCall(), _lease, Elapsed);
        }

        _deadline?.Release();
        response.Content = content;
        AttemptSpan.End(_span, known ?? Outcome.Succeeded, (int)response.StatusCode, known?.ErrorType);
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

        long started = RequestStarted;
        AttemptEnd end = DescribeAnswer(response);
        Accept(response);
        return new Retrying(CreateRequest(started), end);
    }

    /// <summary>The first attempt of a request has failed.</summary>
    /// <returns>What finishes the request.</returns>
    public Retrying FailedFirst(Exception exception)
    {
        long started = RequestStarted;
        AttemptEnd end = Fail(exception);
        return new Retrying(CreateRequest(started), end);
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
            _ when (stop == AttemptStop.Canceled || GrpcOutcome.IsCancellation(exception)) && GrpcCall.IsGrpc(_request.Content) => CreateCall().OutcomeOfCancellation(),
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

    private static Activity? StartSpan(HttpBalancingSettings settings, in BackendLease lease, HttpRequestMessage request, in RewrittenRequest rewritten, AttemptPlace place)
    {
        Activity? callers = Activity.Current;
        try
        {
            return AttemptSpan.Start(settings.Balancer.Name, lease.Backend, place);
        }
        catch
        {
            // A listener has thrown: what the caller has made must not point to a backend, nor what comes next be part of a span that nobody ends.
            Activity.Current = callers;
            rewritten.Restore(request);
            lease.Complete(default);
            throw;
        }
    }

    /// <summary>From the pick, if that was timed. Only until the lease is complete, as all that follows.</summary>
    private TimeSpan? Elapsed => _settings.Elapsed(_lease.Started);

    private GrpcCall CreateCall() => new(_request, _settings, _lease.Started);

    private long RequestStarted => _deadline?.RequestStarted ?? _lease.Started;

    private BalancedRequest CreateRequest(long started) => new(_settings, _request, started, _callerToken);

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
