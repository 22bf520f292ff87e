using System.Net;
using LoadBalancing.Client.Http;
using LoadBalancing.Client.Http.Bodies;
using LoadBalancing.Client.Http.Deadlines;
using LoadBalancing.Client.Http.Outcomes;
using LoadBalancing.Client.Http.Queueing;
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
/// <para><b>What is a failure</b> of the backend: no connection (refused, unreachable, DNS, TLS, connect timeout), a broken connection or protocol, no headers within the attempt timeout,
/// status 500, 502, 503 or 504, and a body that breaks off. Any other status is a success: 404, 429 and 501 tell of the request, not of the backend's health.
/// A caller who cancels, <see cref="HttpClient.Timeout"/> included, says nothing but that it took at least this long. Exceptions that tell of the request or of this process
/// (bad arguments, authentication, configured limits, handlers of your own) say nothing.</para>
/// </remarks>
public sealed class LoadBalancingHandler : DelegatingHandler
{
    private readonly Balancer _balancer;
    private readonly Uri? _baseAddress;
    private readonly RequestLine _line;
    private HttpBalancingSettings _settings;

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
        : this(balancer, baseAddress: null) => InnerHandler = innerHandler;

    internal LoadBalancingHandler(Balancer balancer, Uri? baseAddress)
    {
        ArgumentNullException.ThrowIfNull(balancer);
        _balancer = balancer;
        _baseAddress = baseAddress;
        _line = RequestLine.Of(balancer);
        _settings = new HttpBalancingSettings(balancer, balancer.Options, baseAddress);
    }

    internal string ServiceName => _balancer.Name;

    /// <summary>The settings in force. A reload replaces the balancer's options, so a comparison of references tells.</summary>
    private HttpBalancingSettings Settings
    {
        get
        {
            HttpBalancingSettings settings = _settings;
            BalancerOptions options = _balancer.Options;
            return ReferenceEquals(settings.Source, options) ? settings : _settings = new HttpBalancingSettings(_balancer, options, _baseAddress);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="NoBackendAvailableException">No backend can take the request, or all were at their caps for too long.</exception>
    /// <exception cref="AttemptTimeoutException">The backend sent no headers within the attempt timeout.</exception>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        HttpBalancingSettings settings = Settings;
        if (request.RequestUri is not { IsAbsoluteUri: true } uri || !settings.Authorities.TryMatch(uri, out RequestTarget target))
        {
            return base.SendAsync(request, cancellationToken);
        }

        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<HttpResponseMessage>(cancellationToken);
        }

        PickRequest pick = settings.CreatePick(request, target);
        return _line.TryAcquire(pick, out BackendLease lease)
            ? SendAsync(request, target, settings, lease, cancellationToken)
            : AcquireAndSendAsync(request, target, settings, pick, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>Blocks while the request is sent, and, when discovery has not answered yet, while the balancer waits for its first answer; while every backend is at its cap, until there is room.</remarks>
    /// <exception cref="NoBackendAvailableException">No backend can take the request, or all were at their caps for too long.</exception>
    /// <exception cref="AttemptTimeoutException">The backend sent no headers within the attempt timeout.</exception>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        HttpBalancingSettings settings = Settings;
        if (request.RequestUri is not { IsAbsoluteUri: true } uri || !settings.Authorities.TryMatch(uri, out RequestTarget target))
        {
            return base.Send(request, cancellationToken);
        }

        cancellationToken.ThrowIfCancellationRequested();
        PickRequest pick = settings.CreatePick(request, target);
        if (!_line.TryAcquire(pick, out BackendLease lease))
        {
            lease = _line.AcquireAsync(pick, settings.Queue, cancellationToken).AsTask().GetAwaiter().GetResult();
        }

        HttpAttempt attempt = HttpAttempt.Begin(_balancer, settings, lease, request, target, cancellationToken);
        HttpResponseMessage response;
        try
        {
            // The thread will be busy until the answer is here, so the time starts before.
            attempt.Arm();
            response = base.Send(request, attempt.Token);
        }
        catch (Exception exception)
        {
            if (attempt.Fail(exception) is { } better)
            {
                throw better;
            }

            throw;
        }
        finally
        {
            attempt.RestoreRequest();
        }

        attempt.Accept(response);
        return response;
    }

    private async Task<HttpResponseMessage> AcquireAndSendAsync(
        HttpRequestMessage request, RequestTarget target, HttpBalancingSettings settings, PickRequest pick, CancellationToken cancellationToken)
    {
        BackendLease lease = await _line.AcquireAsync(pick, settings.Queue, cancellationToken).ConfigureAwait(false);
        return await SendAsync(request, target, settings, lease, cancellationToken).ConfigureAwait(false);
    }

    private Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, in RequestTarget target, HttpBalancingSettings settings, in BackendLease lease, CancellationToken cancellationToken)
    {
        HttpAttempt attempt = HttpAttempt.Begin(_balancer, settings, lease, request, target, cancellationToken);
        Task<HttpResponseMessage> sending;
        try
        {
            sending = base.SendAsync(request, attempt.Token);
        }
        catch (Exception exception)
        {
            attempt.RestoreRequest();
            if (attempt.Fail(exception) is { } better)
            {
                throw better;
            }

            throw;
        }

        if (!sending.IsCompletedSuccessfully)
        {
            return AwaitAsync(sending, attempt);
        }

        // The answer is here already: no state machine, no timer, and the task that there is does for us too.
        attempt.RestoreRequest();
        attempt.Accept(sending.Result);
        return sending;
    }

    private static async Task<HttpResponseMessage> AwaitAsync(Task<HttpResponseMessage> sending, HttpAttempt attempt)
    {
        HttpResponseMessage response;
        try
        {
            attempt.Arm();
            response = await sending.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            if (attempt.Fail(exception) is { } better)
            {
                throw better;
            }

            throw;
        }
        finally
        {
            attempt.RestoreRequest();
        }

        attempt.Accept(response);
        return response;
    }
}
