using LoadBalancing.Client.Http.Deadlines;
using LoadBalancing.Client.Http.Routing;
using LoadBalancing.Client.Http.Telemetry;

namespace LoadBalancing.Client.Http.Resilience;

/// <summary>
/// A request that takes more than one attempt, or may: what holds for all of them, what was tried, and the way to send one more. Made only when the first attempt has not brought what the caller wants.
/// </summary>
/// <remarks>
/// <see cref="SendAttemptAsync"/> changes nothing here, so several attempts may be under way at once, each with a request message of its own; <see cref="Record"/> them one at a time.
/// </remarks>
internal sealed class BalancedRequest
{
    private readonly HttpBalancingSettings _settings;
    private readonly HttpRequestMessage _request;
    private readonly RequestTarget _target;
    private readonly RequestTimeouts _timeouts;
    private readonly TriedBackends _tried;
    private readonly List<BackendAttempt> _attempts = [];
    private readonly long _started;

    /// <param name="settings">The settings in force when the request came.</param>
    /// <param name="request">As the caller has made it: between attempts it is restored.</param>
    /// <param name="started">When it came.</param>
    /// <param name="callerToken">The caller's.</param>
    public BalancedRequest(HttpBalancingSettings settings, HttpRequestMessage request, long started, CancellationToken callerToken)
    {
        _settings = settings;
        _request = request;
        _started = started;
        CallerToken = callerToken;
        settings.Authorities.TryMatch(request.RequestUri!, out _target);
        _timeouts = RequestTimeouts.Of(request, settings);
        _tried = new TriedBackends(settings.TimeProvider);
    }

    public HttpBalancingSettings Settings => _settings;

    public HttpRequestMessage Request => _request;

    public CancellationToken CallerToken { get; }

    public TriedBackends Tried => _tried;

    /// <summary>How many attempts have ended.</summary>
    public int AttemptCount => _attempts.Count;

    /// <summary>What is left of the request's time; <see langword="null"/> when it has no limit.</summary>
    public TimeSpan? Left => _timeouts.Left(_settings.TimeProvider, _started);

    /// <summary>Why there was no backend for the next attempt, if somebody has said so.</summary>
    public Exception? Missing { get; private set; }

    /// <summary>Remembers an attempt that has ended.</summary>
    public void Record(in AttemptEnd end)
    {
        _attempts.Add(end.ToAttempt());
        _tried.Add(end.Backend, RetryAfter.Read(end.Response, _settings.TimeProvider));
    }

    /// <summary>Tells of a failed attempt, whether the request was sent again or is under way elsewhere.</summary>
    public void LogFailure(in AttemptEnd end, bool isSentAgain) => Log.AttemptFailed(_settings.Balancer.Logger, _settings.Balancer.Name, end.Backend.Id, end.ErrorType, isSentAgain);

    /// <summary>Remembers an attempt that was ended because another one was faster.</summary>
    public void RecordCanceled(BackendState backend, TimeSpan elapsed) => _attempts.Add(new BackendAttempt(backend.Id, StatusCode: null, AttemptEnd.CanceledError, elapsed));

    /// <summary>All attempts that have ended, and at last one that was not recorded.</summary>
    public IReadOnlyList<BackendAttempt> ListWith(in AttemptEnd end) => [.. _attempts, end.ToAttempt()];

    /// <summary>A pick for this request.</summary>
    public PickRequest CreatePick(in BackendExclusions excluded) => _settings.CreatePick(_request, _target) with { Excluded = excluded };

    /// <summary>A backend for the next attempt, one that was not tried if there is one.</summary>
    /// <param name="hasAnswer">
    /// Whether there is an answer that the caller may get instead. Then it is not worth standing in line for: the answer itself, whose body is not read, may hold the place that the line waits for.
    /// </param>
    /// <returns>The lease; or <see langword="null"/> when there is none in what is left of the time, or none that wants the request yet.</returns>
    public async ValueTask<BackendLease?> TryAcquireAsync(bool hasAnswer)
    {
        if (Left <= TimeSpan.Zero)
        {
            return null;
        }

        if (hasAnswer)
        {
            return TryAcquireNow();
        }

        if (TryAcquireSuspect(out BackendLease suspect))
        {
            return suspect;
        }

        try
        {
            return Check(await Acquisition.AcquireAsync(_settings, CreatePick(), _timeouts, _started, CallerToken).ConfigureAwait(false));
        }
        catch (Exception exception) when (exception is NoBackendAvailableException or RequestTimeoutException)
        {
            Missing = exception;
            return null;
        }
    }

    /// <inheritdoc cref="TryAcquireAsync"/>
    public BackendLease? TryAcquire(bool hasAnswer)
    {
        if (Left <= TimeSpan.Zero)
        {
            return null;
        }

        if (hasAnswer)
        {
            return TryAcquireNow();
        }

        if (TryAcquireSuspect(out BackendLease suspect))
        {
            return suspect;
        }

        try
        {
            return Check(Acquisition.AcquireAsync(_settings, CreatePick(), _timeouts, _started, CallerToken).AsTask().GetAwaiter().GetResult());
        }
        catch (Exception exception) when (exception is NoBackendAvailableException or RequestTimeoutException)
        {
            Missing = exception;
            return null;
        }
    }

    /// <summary>Sends one attempt.</summary>
    /// <param name="request">The request, or a copy of it. Afterwards it is as it was.</param>
    /// <param name="lease">Where to.</param>
    /// <param name="token">Ends the attempt: the caller's, or one that ends with it. What it ends says nothing about the backend.</param>
    /// <returns>How it went; nothing is thrown that came from the attempt.</returns>
    public async Task<AttemptEnd> SendAttemptAsync(HttpRequestMessage request, BackendLease lease, CancellationToken token)
    {
        HttpAttempt attempt = Begin(request, lease, new AttemptPlace(_attempts.Count), token);
        HttpResponseMessage? response = null;
        Exception? failure = null;
        try
        {
            Task<HttpResponseMessage> sending = _settings.Handler.SendInnerAsync(request, attempt.Token);
            attempt.Arm();
            response = await sending.ConfigureAwait(false);
        }
#pragma warning disable CA1031 // It is thrown in the end, unless another attempt goes better.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failure = exception;
        }
        finally
        {
            attempt.RestoreRequest();
        }

        return End(attempt, response, failure);
    }

    /// <inheritdoc cref="SendAttemptAsync"/>
    public AttemptEnd SendAttempt(HttpRequestMessage request, BackendLease lease, CancellationToken token)
    {
        HttpAttempt attempt = Begin(request, lease, new AttemptPlace(_attempts.Count), token);
        HttpResponseMessage? response = null;
        Exception? failure = null;
        try
        {
            attempt.Arm();
            response = _settings.Handler.SendInner(request, attempt.Token);
        }
#pragma warning disable CA1031 // It is thrown in the end, unless another attempt goes better.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failure = exception;
        }
        finally
        {
            attempt.RestoreRequest();
        }

        return End(attempt, response, failure);
    }

    /// <summary>Begins an attempt, for those who send it themselves.</summary>
    /// <param name="request">The request, or a copy of it.</param>
    /// <param name="lease">Where to.</param>
    /// <param name="place">Which attempt it is.</param>
    /// <param name="token">Ends the attempt: the caller's, or one that ends with it.</param>
    public HttpAttempt Begin(HttpRequestMessage request, in BackendLease lease, AttemptPlace place, CancellationToken token)
    {
        TraceParent.Forget(request);
        lease.Time(_settings.TimeProvider);
        return HttpAttempt.Begin(_settings, lease, request, _target, AttemptDeadline.Create(_timeouts, Left, _started), token, place);
    }

    /// <summary>What the request throws when <paramref name="end"/>, which was recorded, is its end.</summary>
    /// <param name="end">The last attempt.</param>
    /// <param name="notSentAgain">Why it is the last, with a semicolon in front; or empty.</param>
    public Exception CreateError(in AttemptEnd end, string notSentAgain = "") => AttemptErrors.Create(_settings.Balancer.Name, end, [.. _attempts], notSentAgain, _timeouts.Request, CallerToken);

    /// <summary>What the request throws when the caller has given up between two attempts.</summary>
    public Exception CreateCanceled(Exception exception) => AttemptErrors.CreateCanceled(_settings.Balancer.Name, [.. _attempts], exception, CallerToken);

    private PickRequest CreatePick() => CreatePick(_tried.Exclude(_settings.Balancer.Backends.Eligible));

    private BackendLease? TryAcquireNow() => _settings.Line.TryAcquire(CreatePick(), out BackendLease lease) ? Check(lease) : null;

    /// <summary>
    /// All who are eligible were tried, and the last has given no answer at all. Before it is asked again, somebody is asked whom circuit or ejection keep out: where servers are restarted one after the other, faster than circuits
    /// close, those work, and the one that is eligible does not.
    /// </summary>
    private bool TryAcquireSuspect(out BackendLease lease)
    {
        lease = default;
        return _tried.ContainsAll(_settings.Balancer.Backends.Eligible) && _settings.Balancer.TryPickSuspect(_tried.All, out lease);
    }

    /// <summary>Others may be full, so that the pick falls back to one that does not want the request yet.</summary>
    private BackendLease? Check(in BackendLease lease)
    {
        if (_tried.WaitFor(lease.Backend) == TimeSpan.Zero)
        {
            return lease;
        }

        lease.Complete(default);
        return null;
    }

    private AttemptEnd End(in HttpAttempt attempt, HttpResponseMessage? response, Exception? failure)
    {
        if (response is null)
        {
            return attempt.Fail(failure!);
        }

        AttemptEnd end = attempt.DescribeAnswer(response);
        attempt.Accept(response, ListWith(end));
        return end;
    }
}
