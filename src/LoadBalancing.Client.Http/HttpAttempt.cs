using System.Net;
using System.Net.Http.Headers;
using LoadBalancing.Client.Http.Bodies;
using LoadBalancing.Client.Http.Deadlines;
using LoadBalancing.Client.Http.Outcomes;
using LoadBalancing.Client.Http.Routing;

namespace LoadBalancing.Client.Http;

/// <summary>
/// One try of a request on one backend, from the pick to the headers: <see cref="Begin"/>, <see cref="Arm"/> if the answer is not there at once,
/// then <see cref="Accept"/> or <see cref="Fail"/>, and in any case <see cref="RestoreRequest"/>. A value, so that the way without waiting allocates nothing for it.
/// </summary>
internal readonly struct HttpAttempt
{
    private readonly Balancer _balancer;
    private readonly BackendLease _lease;
    private readonly HttpRequestMessage _request;
    private readonly RewrittenRequest _rewritten;
    private readonly AttemptDeadline? _deadline;
    private readonly TimeSpan _timeout;
    private readonly CancellationToken _callerToken;

    private HttpAttempt(
        Balancer balancer,
        in BackendLease lease,
        HttpRequestMessage request,
        in RewrittenRequest rewritten,
        AttemptDeadline? deadline,
        TimeSpan timeout,
        CancellationToken callerToken)
    {
        _balancer = balancer;
        _lease = lease;
        _request = request;
        _rewritten = rewritten;
        _deadline = deadline;
        _timeout = timeout;
        _callerToken = callerToken;
    }

    /// <summary>What the request is to be sent with.</summary>
    public CancellationToken Token => _deadline?.Token ?? _callerToken;

    /// <summary>Points the request to the backend of <paramref name="lease"/>. If that throws, the lease is complete.</summary>
    public static HttpAttempt Begin(
        Balancer balancer, HttpBalancingSettings settings, in BackendLease lease, HttpRequestMessage request, in RequestTarget target, CancellationToken callerToken)
    {
        try
        {
            TimeSpan timeout = LoadBalancingRequestOptions.FindAttemptTimeout(request) ?? (IsGrpc(request) ? Timeout.InfiniteTimeSpan : settings.AttemptTimeout);
            RewrittenRequest rewritten = RewrittenRequest.Rewrite(request, lease.Backend, target);
            AttemptDeadline? deadline = timeout == Timeout.InfiniteTimeSpan ? null : new AttemptDeadline();
            return new HttpAttempt(balancer, lease, request, rewritten, deadline, timeout, callerToken);
        }
        catch
        {
            lease.Complete(default);
            throw;
        }
    }

    /// <summary>Starts the time.</summary>
    public void Arm() => _deadline?.Arm(_balancer.TimeProvider, _timeout, _callerToken);

    public void RestoreRequest() => _rewritten.Restore();

    /// <summary>The headers are here: reports them, and makes the response report the end of its body.</summary>
    public void Accept(HttpResponseMessage response)
    {
        Outcome outcome = OutcomeClassifier.OfStatus(response.StatusCode);
        bool isUpgrade = response.StatusCode == HttpStatusCode.SwitchingProtocols || IsTunnel(response);
        TrackedContent content = new(response.Content, _lease, isUpgrade);
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
    }

    /// <summary>There will be no headers: reports why.</summary>
    /// <returns>What to throw instead of <paramref name="exception"/>, if something else says it better.</returns>
    public Exception? Fail(Exception exception)
    {
        bool isCallerCanceled = _callerToken.IsCancellationRequested;
        bool isTimeout = !isCallerCanceled && _deadline is { IsCancellationRequested: true } && exception is OperationCanceledException;
        _lease.Complete(isTimeout ? OutcomeClassifier.TimedOut : OutcomeClassifier.OfException(exception, isCallerCanceled));
        _deadline?.Release();
        if (isTimeout)
        {
            return new AttemptTimeoutException(_balancer.Name, _lease.Backend.Id, _timeout, exception);
        }

        // The caller knows its own token, not the deadline's.
        return isCallerCanceled && _deadline is not null && exception is OperationCanceledException
            ? new TaskCanceledException(exception.Message, exception, _callerToken)
            : null;
    }

    private static bool IsGrpc(HttpRequestMessage request) =>
        request.Content is { } content
        && content.Headers.NonValidated.TryGetValues("Content-Type", out HeaderStringValues type)
        && type.ToString().StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase);

    private bool HasNoBody(HttpResponseMessage response) =>
        response.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.NotModified || _request.Method == HttpMethod.Head;

    /// <summary>Over HTTP/2, a connection is upgraded by CONNECT and status 200.</summary>
    private bool IsTunnel(HttpResponseMessage response) => response.StatusCode == HttpStatusCode.OK && _request.Method == HttpMethod.Connect;
}
