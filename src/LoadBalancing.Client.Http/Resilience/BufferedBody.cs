using LoadBalancing.Client.Http.Deadlines;

namespace LoadBalancing.Client.Http.Resilience;

/// <summary>Reads a body into memory before it is sent, so that it can be sent again.</summary>
internal static class BufferedBody
{
    /// <exception cref="RequestTimeoutException">The request's time is over.</exception>
    /// <exception cref="OperationCanceledException">The caller has given up.</exception>
    public static async Task ReadAsync(HttpBalancingSettings settings, HttpContent content, RequestTimeouts timeouts, CancellationToken callerToken)
    {
        if (timeouts.Request == Timeout.InfiniteTimeSpan)
        {
            await content.LoadIntoBufferAsync(settings.MaxBufferedBodyBytes, callerToken).ConfigureAwait(false);
            return;
        }

        AttemptDeadline deadline = new(timeouts.Request, isRequests: true, isWhole: false);
        try
        {
            deadline.Arm(settings.TimeProvider, callerToken);
            await content.LoadIntoBufferAsync(settings.MaxBufferedBodyBytes, deadline.Token).ConfigureAwait(false);
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
