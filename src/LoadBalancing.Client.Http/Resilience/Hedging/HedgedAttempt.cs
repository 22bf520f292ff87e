using LoadBalancing.Client.Telemetry;

namespace LoadBalancing.Client.Http.Resilience.Hedging;

/// <summary>One of the attempts that a hedged request has under way. It sends a copy of the request, and can be ended without the others.</summary>
internal sealed class HedgedAttempt
{
    private readonly BalancedRequest _request;
    private readonly CancellationTokenSource _cancellation;
    private readonly HttpRequestMessage _copy;
    private readonly HttpAttempt _attempt;
    private readonly long _started;
    private HttpResponseMessage? _response;
    private Exception? _exception;

    private HedgedAttempt(BalancedRequest request, in BackendLease lease, AttemptPlace place)
    {
        _request = request;
        IsHedge = place.IsHedge;
        Backend = lease.Backend;
        _started = request.Settings.TimeProvider.GetTimestamp();
        _copy = RequestCopy.Create(request.Request);
        _cancellation = CancellationTokenSource.CreateLinkedTokenSource(request.CallerToken);
        try
        {
            _attempt = request.Begin(_copy, lease, place, _cancellation.Token);
        }
        catch
        {
            _cancellation.Dispose();
            throw;
        }

        Ended = SendAsync();
        _attempt.LeaveSpan();
    }

    public BackendState Backend { get; }

    /// <summary>Whether it is one more than the first.</summary>
    public bool IsHedge { get; }

    /// <summary>Completes when the headers are here, or never will be. Never fails.</summary>
    public Task Ended { get; }

    public TimeSpan Elapsed => _request.Settings.TimeProvider.GetElapsedTime(_started);

    /// <summary>Sends the request to the backend of <paramref name="lease"/>.</summary>
    public static HedgedAttempt Start(BalancedRequest request, in BackendLease lease, AttemptPlace place) => new(request, lease, place);

    /// <summary>How it has ended. If there is no answer, this reports it.</summary>
    public AttemptEnd End()
    {
        if (_response is not null)
        {
            return _attempt.DescribeAnswer(_response);
        }

        _cancellation.Dispose();
        return _attempt.Fail(_exception!);
    }

    /// <summary>Reports the answer, and makes it that of the caller's request.</summary>
    /// <param name="end">What <see cref="End"/> has said.</param>
    /// <param name="attempts">All attempts, this one included; <see langword="null"/> when it is the only one.</param>
    public void Accept(in AttemptEnd end, IReadOnlyList<BackendAttempt>? attempts)
    {
        if (end.Response is { } response)
        {
            _attempt.Accept(response, attempts);
            response.RequestMessage = _request.Request;
            _cancellation.Dispose();
        }
    }

    /// <summary>Ends it, because another one was faster. Does not wait for that: whoever is below may take its time.</summary>
    public void Abandon()
    {
        try
        {
            // First, since an attempt that has ended meanwhile disposes it.
            _cancellation.Cancel();
        }
#pragma warning disable CA1031 // What somebody below does when the attempt is canceled must not cost the caller the answer that is here.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.CodeFailed(_request.Settings.Balancer.Logger, exception, _request.Settings.Balancer.Name, "What a handler does when a hedged attempt is canceled");
        }

        _ = AbandonAsync();
    }

    /// <summary>What comes of it says nothing about the backend but that it took at least this long, even an answer that came after all.</summary>
    private async Task AbandonAsync()
    {
        await Ended.ConfigureAwait(false);
        try
        {
            _attempt.Abandon();
        }
#pragma warning disable CA1031 // A listener, whom nobody would hear: the caller has gone on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.CodeFailed(_request.Settings.Balancer.Logger, exception, _request.Settings.Balancer.Name, "A listener to attempts");
        }

        _response?.Dispose();
        _cancellation.Dispose();
    }

    private async Task SendAsync()
    {
        try
        {
            Task<HttpResponseMessage> sending = _request.Settings.Handler.SendInnerAsync(_copy, _attempt.Token);
            if (!sending.IsCompleted)
            {
                _attempt.Arm();
            }

            _response = await sending.ConfigureAwait(false);
        }
#pragma warning disable CA1031 // It is thrown in the end, unless another attempt goes better.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _exception = exception;
        }
    }
}
