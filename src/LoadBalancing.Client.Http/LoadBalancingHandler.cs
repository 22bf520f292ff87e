using LoadBalancing.Client.Http;
using LoadBalancing.Client.Http.Deadlines;
using LoadBalancing.Client.Http.Outcomes;
using LoadBalancing.Client.Http.Resilience;
using LoadBalancing.Client.Http.Resilience.Hedging;
using LoadBalancing.Client.Http.Routing;

namespace LoadBalancing.Client;

/// <summary>
/// Sends each request of a service to the backend that its <see cref="Balancer"/> picks, synchronously or not. Made by <c>AddLoadBalancedHttpClient</c> and <c>AddLoadBalancing</c>, or by hand.
/// The balancer is shared, outlives the handler and is not disposed with it. Thread safe.
/// </summary>
/// <remarks>
/// <para><b>Which requests.</b> Those whose authority is the service's name with the default port (<c>http://orders/…</c>), the client's own base address, or one of
/// <see cref="HttpBalancingOptions.Authorities"/>. All others pass through untouched.</para>
/// <para><b>What is sent.</b> Scheme, host, port and base path are the backend's (the scheme of a <c>tcp</c> backend is the request's); path and query stay as they are, byte for byte. Where the backend
/// has a <see cref="Backend.HostName"/>, it is the Host header and the name in TLS, unless the caller set a Host. A POST, PATCH or unknown method without content gets an empty one, since a request
/// without content may be sent twice when a connection dies. Afterwards, the request is as the caller made it.</para>
/// <para><b>How long it counts.</b> The attempt is in flight until the response's body is read to its end, has failed, or is disposed; or until the response is collected, if nobody ever does
/// any of that. An upgraded connection (101) counts until its stream is disposed.</para>
/// <para><b>What is sent again.</b> A request that is idempotent by its method or by an <c>Idempotency-Key</c>, to another backend, after a failed connection, an attempt timeout and statuses 502, 503, 504 and 429, within a budget;
/// any other only if it surely never reached a backend. See <see cref="RetryOptions"/>.</para>
/// <para><b>What is sent to two.</b> With hedging on, the same requests, where they are sent asynchronously and take long. Such a request is sent as a copy for each attempt; the response's request is the caller's. See <see cref="HedgingOptions"/>.</para>
/// <para><b>What is a failure</b> of the backend: no connection (refused, unreachable, DNS, TLS, connect timeout), a broken connection or protocol, no headers within the attempt timeout,
/// status 500, 502, 503 or 504, and a body that breaks off. Any other status is a success: 404, 429 and 501 tell of the request, not of the backend's health.
/// Of a gRPC call (<c>application/grpc</c>), the status at the end of its stream decides, not that of HTTP: UNAVAILABLE, INTERNAL, UNKNOWN, DATA_LOSS, RESOURCE_EXHAUSTED and DEADLINE_EXCEEDED are failures, and so is a deadline of its
/// own that passes after longer than the attempt timeout.
/// A caller who cancels, <see cref="HttpClient.Timeout"/> included, says nothing but that it took at least this long. Exceptions that tell of the request or of this process
/// (bad arguments, authentication, configured limits, handlers of your own) say nothing.</para>
/// <para><b>Handlers of your own</b> between this one and the primary handler may make calls of their own, whose exceptions look like those of a backend. They are told apart by a handler that is put right above the primary one
/// before the first request, and only if there are such handlers; what they throw reaches the caller as it is, and is not retried. Where they have sent requests before this handler's first one, nothing can be put below them any
/// more: then all that is thrown counts as the backend's.</para>
/// </remarks>
public sealed class LoadBalancingHandler : DelegatingHandler
{
    private readonly Balancer _balancer;
    private readonly Uri? _baseAddress;
    private HttpBalancingSettings _settings;
    private FailureOriginHandler? _failureOrigin;
    private volatile bool _isInnerKnown;

    /// <summary>For a pipeline that sets the inner handler.</summary>
    /// <param name="balancer">The service's balancer. Not disposed with this.</param>
    public LoadBalancingHandler(Balancer balancer)
        : this(balancer, baseAddress: null)
    {
    }

    /// <summary>On top of <paramref name="innerHandler"/>.</summary>
    /// <param name="balancer">The service's balancer. Not disposed with this.</param>
    /// <param name="innerHandler">What sends. Disposed with this.</param>
    public LoadBalancingHandler(Balancer balancer, HttpMessageHandler innerHandler)
        : this(balancer, baseAddress: null)
    {
        InnerHandler = innerHandler;
        GrpcChannels.LeaveAlone(innerHandler);
    }

    internal LoadBalancingHandler(Balancer balancer, Uri? baseAddress)
    {
        ArgumentNullException.ThrowIfNull(balancer);
        _balancer = balancer;
        _baseAddress = baseAddress;
        _settings = new HttpBalancingSettings(this, balancer, balancer.Options, baseAddress);
    }

    internal string ServiceName => _balancer.Name;

    /// <summary>The settings in force. A reload replaces the balancer's options, so a comparison of references tells.</summary>
    internal HttpBalancingSettings Settings
    {
        get
        {
            HttpBalancingSettings settings = _settings;
            BalancerOptions options = _balancer.Options;
            return ReferenceEquals(settings.Source, options) ? settings : _settings = new HttpBalancingSettings(this, _balancer, options, _baseAddress);
        }
    }

    /// <summary>Knows which failures are a backend's; <see langword="null"/> when all are, since there is nobody else inside, or when that cannot be told.</summary>
    internal FailureOriginHandler? FailureOrigin => _failureOrigin;

    /// <summary>Sends to where the request points.</summary>
    internal Task<HttpResponseMessage> SendInnerAsync(HttpRequestMessage request, CancellationToken cancellationToken) => base.SendAsync(request, cancellationToken);

    /// <inheritdoc cref="SendInnerAsync"/>
    internal HttpResponseMessage SendInner(HttpRequestMessage request, CancellationToken cancellationToken) => base.Send(request, cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="NoBackendAvailableException">No backend can take the request, or all were at their caps for too long.</exception>
    /// <exception cref="BackendRequestException">The request failed on a backend before its headers; if it is an <see cref="AttemptTimeoutException"/> or a <see cref="RequestTimeoutException"/>, because they did not come in time.</exception>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        LookInside();
        HttpBalancingSettings settings = Settings;
        if (request.RequestUri is not { IsAbsoluteUri: true } uri || !settings.Authorities.TryMatch(uri, out RequestTarget target))
        {
            return base.SendAsync(request, cancellationToken);
        }

        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<HttpResponseMessage>(cancellationToken);
        }

        if (settings.MaxBufferedBodyBytes > 0 && ReplayableContent.IsToBeBuffered(request, settings.MaxBufferedBodyBytes))
        {
            return BufferAndSendAsync(request, target, settings, cancellationToken);
        }

        RequestTimeouts timeouts = RequestTimeouts.Of(request, settings);
        PickRequest pick = settings.CreatePick(request, target);
        if (settings.Hedging is not null && HedgedRequest.MayHedge(request, settings))
        {
            return HedgedRequest.SendAsync(settings, request, timeouts, pick, settings.Begin(), cancellationToken);
        }

        return settings.Line.TryAcquire(pick, out BackendLease lease)
            ? SendAsync(request, target, settings, lease, settings.Begin(lease, timeouts), cancellationToken)
            : PickAndSendAsync(request, target, settings, timeouts, pick, settings.Begin(), cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>Blocks while the request is sent, and, when discovery has not answered yet, while the balancer waits for its first answer; while every backend is at its cap, until there is room.</remarks>
    /// <exception cref="NoBackendAvailableException">No backend can take the request, or all were at their caps for too long.</exception>
    /// <exception cref="BackendRequestException">The request failed on a backend before its headers; if it is an <see cref="AttemptTimeoutException"/> or a <see cref="RequestTimeoutException"/>, because they did not come in time.</exception>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        LookInside();
        HttpBalancingSettings settings = Settings;
        if (request.RequestUri is not { IsAbsoluteUri: true } uri || !settings.Authorities.TryMatch(uri, out RequestTarget target))
        {
            return base.Send(request, cancellationToken);
        }

        cancellationToken.ThrowIfCancellationRequested();
        RequestTimeouts timeouts = RequestTimeouts.Of(request, settings);
        bool isBuffered = settings.MaxBufferedBodyBytes > 0 && ReplayableContent.IsToBeBuffered(request, settings.MaxBufferedBodyBytes);
        long started = 0;
        if (isBuffered)
        {
            started = settings.Begin();
            BufferedBody.ReadAsync(settings, request.Content!, timeouts, cancellationToken).GetAwaiter().GetResult();
        }

        PickRequest pick = settings.CreatePick(request, target);
        BackendLease lease;
        if (!isBuffered && settings.Line.TryAcquire(pick, out lease))
        {
            return Send(request, target, settings, lease, settings.Begin(lease, timeouts), cancellationToken);
        }

        started = isBuffered ? started : settings.Begin();
        lease = Acquisition.AcquireAsync(settings, pick, timeouts, started, cancellationToken).AsTask().GetAwaiter().GetResult();
        return Send(request, target, settings, lease, Acquisition.CreateDeadline(settings, lease, timeouts, started), cancellationToken);
    }

    /// <summary>Before anything is sent: a handler that has sent keeps the one that is below it.</summary>
    private void LookInside()
    {
        if (!_isInnerKnown)
        {
            _failureOrigin = FailureOriginHandler.Attach(InnerHandler);
            _isInnerKnown = true;
        }
    }

    private async Task<HttpResponseMessage> BufferAndSendAsync(HttpRequestMessage request, RequestTarget target, HttpBalancingSettings settings, CancellationToken cancellationToken)
    {
        RequestTimeouts timeouts = RequestTimeouts.Of(request, settings);
        long started = settings.Begin();
        await BufferedBody.ReadAsync(settings, request.Content!, timeouts, cancellationToken).ConfigureAwait(false);
        PickRequest pick = settings.CreatePick(request, target);
        return settings.Hedging is not null && HedgedRequest.MayHedge(request, settings)
            ? await HedgedRequest.SendAsync(settings, request, timeouts, pick, started, cancellationToken).ConfigureAwait(false)
            : await PickAndSendAsync(request, target, settings, timeouts, pick, started, cancellationToken).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> PickAndSendAsync(
        HttpRequestMessage request, RequestTarget target, HttpBalancingSettings settings, RequestTimeouts timeouts, PickRequest pick, long started, CancellationToken cancellationToken)
    {
        BackendLease lease = await Acquisition.AcquireAsync(settings, pick, timeouts, started, cancellationToken).ConfigureAwait(false);
        return await SendAsync(request, target, settings, lease, Acquisition.CreateDeadline(settings, lease, timeouts, started), cancellationToken).ConfigureAwait(false);
    }

    private Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        in RequestTarget target,
        HttpBalancingSettings settings,
        in BackendLease lease,
        AttemptDeadline? deadline,
        CancellationToken cancellationToken)
    {
        HttpAttempt attempt = HttpAttempt.Begin(settings, lease, request, target, deadline, cancellationToken);
        Task<HttpResponseMessage> sending;
        try
        {
            sending = base.SendAsync(request, attempt.Token);
        }
        catch (Exception exception)
        {
            attempt.RestoreRequest();
            return attempt.FailedFirst(exception).FinishAsync();
        }

        attempt.LeaveSpan();
        if (!sending.IsCompletedSuccessfully)
        {
            return AwaitAsync(sending, attempt);
        }

        // The answer is here already: no state machine, no timer, and the task that there is does for us too.
        attempt.RestoreRequest();
        return attempt.AcceptFirst(sending.Result)?.FinishAsync() ?? sending;
    }

    private static async Task<HttpResponseMessage> AwaitAsync(Task<HttpResponseMessage> sending, HttpAttempt attempt)
    {
        HttpResponseMessage? response;
        Exception? failure;
        try
        {
            attempt.Arm();
            response = await sending.ConfigureAwait(false);
            failure = null;
        }
        catch (Exception exception)
        {
            response = null;
            failure = exception;
        }

        attempt.RestoreRequest();
        Retrying? retrying = response is null ? attempt.FailedFirst(failure!) : attempt.AcceptFirst(response);
        return retrying is null ? response! : await retrying.FinishAsync().ConfigureAwait(false);
    }

    private HttpResponseMessage Send(
        HttpRequestMessage request,
        in RequestTarget target,
        HttpBalancingSettings settings,
        in BackendLease lease,
        AttemptDeadline? deadline,
        CancellationToken cancellationToken)
    {
        HttpAttempt attempt = HttpAttempt.Begin(settings, lease, request, target, deadline, cancellationToken);
        HttpResponseMessage response;
        try
        {
            // The thread will be busy until the answer is here, so the time starts before.
            attempt.Arm();
            response = base.Send(request, attempt.Token);
        }
        catch (Exception exception)
        {
            attempt.RestoreRequest();
            return attempt.FailedFirst(exception).Finish();
        }

        attempt.RestoreRequest();
        return attempt.AcceptFirst(response)?.Finish() ?? response;
    }
}
