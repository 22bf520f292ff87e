using LoadBalancing.Client.Http.Deadlines;

namespace LoadBalancing.Client.Http.Resilience;

/// <summary>How a request, or a further attempt of it, gets a backend when there is none at once: it waits for discovery, and in line for room.</summary>
internal static class Acquisition
{
    /// <summary>Waits for a backend, but no longer than the request may take.</summary>
    /// <param name="settings">The settings in force.</param>
    /// <param name="pick">What the pick may depend on.</param>
    /// <param name="timeouts">The request's limits.</param>
    /// <param name="started">When the request came, if its time is limited.</param>
    /// <param name="callerToken">Ends the wait too.</param>
    /// <exception cref="NoBackendAvailableException">There is none.</exception>
    /// <exception cref="RequestTimeoutException">The request's time is over.</exception>
    /// <exception cref="OperationCanceledException">The caller has given up.</exception>
    public static ValueTask<BackendLease> AcquireAsync(HttpBalancingSettings settings, PickRequest pick, RequestTimeouts timeouts, long started, CancellationToken callerToken) =>
        settings.Line.TryAcquire(pick, out BackendLease lease) ? new ValueTask<BackendLease>(lease)
        : timeouts.IsGrpc ? AcquireForGrpcAsync(settings, pick, timeouts, started, callerToken)
        : AcquireLaterAsync(settings, pick, timeouts, started, callerToken);

    /// <summary>What ends a first attempt that had to wait for its backend, and counts it.</summary>
    /// <exception cref="RequestTimeoutException">The request's time is over; the lease is complete.</exception>
    public static AttemptDeadline? CreateDeadline(HttpBalancingSettings settings, in BackendLease lease, in RequestTimeouts timeouts, long started) =>
        AttemptDeadline.Create(timeouts, ThrowIfLate(settings, lease, timeouts, started), started);

    /// <summary>Makes sure that there is time left; if so, the first attempt counts.</summary>
    /// <returns>How much; <see langword="null"/> when the request's time is not limited.</returns>
    /// <inheritdoc cref="CreateDeadline"/>
    public static TimeSpan? ThrowIfLate(HttpBalancingSettings settings, in BackendLease lease, in RequestTimeouts timeouts, long started)
    {
        TimeSpan? left = timeouts.Left(settings.TimeProvider, started);
        if (left <= TimeSpan.Zero)
        {
            lease.Complete(default);
            throw new RequestTimeoutException(settings.Balancer.Name, backend: null, timeouts.Request);
        }

        lease.Time(settings.TimeProvider);
        settings.CountFirst(started);
        return left;
    }

    private static ValueTask<BackendLease> AcquireLaterAsync(HttpBalancingSettings settings, PickRequest pick, RequestTimeouts timeouts, long started, CancellationToken callerToken) =>
        timeouts.Request == Timeout.InfiniteTimeSpan ? AcquireAsync(settings, pick, callerToken) : AcquireInTimeAsync(settings, pick, timeouts, started, callerToken);

    /// <summary>That there is no backend is UNAVAILABLE to gRPC, which it takes an exception for only if the failure of a connection is behind it; else it would be INTERNAL, which nobody retries.</summary>
    private static async ValueTask<BackendLease> AcquireForGrpcAsync(HttpBalancingSettings settings, PickRequest pick, RequestTimeouts timeouts, long started, CancellationToken callerToken)
    {
        try
        {
            return await AcquireLaterAsync(settings, pick, timeouts, started, callerToken).ConfigureAwait(false);
        }
        catch (NoBackendAvailableException exception)
        {
            throw new NoBackendAvailableException(exception.Message, exception.Explanation, new IOException("There is nobody to send the call to.", exception)) { IsSaturated = exception.IsSaturated };
        }
    }

    /// <summary>Every pick that may wait goes through here.</summary>
    private static ValueTask<BackendLease> AcquireAsync(HttpBalancingSettings settings, PickRequest pick, CancellationToken cancellationToken) => settings.Line.AcquireAsync(pick, settings.Queue, cancellationToken);

    private static async ValueTask<BackendLease> AcquireInTimeAsync(HttpBalancingSettings settings, PickRequest pick, RequestTimeouts timeouts, long started, CancellationToken callerToken)
    {
        TimeSpan left = timeouts.Request - settings.TimeProvider.GetElapsedTime(started);
        if (left <= TimeSpan.Zero)
        {
            throw new RequestTimeoutException(settings.Balancer.Name, backend: null, timeouts.Request);
        }

        AttemptDeadline deadline = new(left, isRequests: true, isWhole: false);
        try
        {
            deadline.Arm(settings.TimeProvider, callerToken);
            return await AcquireAsync(settings, pick, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (deadline.IsCancellationRequested)
        {
            // The caller knows its own token, not the deadline's.
            throw callerToken.IsCancellationRequested
                ? new TaskCanceledException(exception.Message, exception, callerToken)
                : new RequestTimeoutException(settings.Balancer.Name, backend: null, timeouts.Request, exception);
        }
        finally
        {
            deadline.Release();
        }
    }
}
