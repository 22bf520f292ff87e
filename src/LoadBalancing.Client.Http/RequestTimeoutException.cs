namespace LoadBalancing.Client;

/// <summary>
/// A request had no response headers within its timeout (<see cref="HttpBalancingOptions.RequestTimeout"/>), with all its attempts and all waiting in between. The attempt that was under way then does not count as a failure
/// of its backend, unless it had all of that time to itself.
/// </summary>
public sealed class RequestTimeoutException : BackendRequestException
{
    /// <summary>No headers in time.</summary>
    /// <param name="service">The service's name.</param>
    /// <param name="backend">The id of the backend that was to answer then; <see langword="null"/> when the request was still waiting for one.</param>
    /// <param name="timeout">The timeout that was exceeded.</param>
    /// <param name="innerException">The cancellation that ended the attempt.</param>
    /// <param name="attempts">All attempts of the request, in order; <see langword="null"/> for none.</param>
    public RequestTimeoutException(string service, string? backend, TimeSpan timeout, Exception? innerException = null, IReadOnlyList<BackendAttempt>? attempts = null)
        : base(
            service,
            backend,
            $"Service '{service}': no response headers within {timeout} (the request timeout: RequestTimeout, UseRequestTimeout, or the request's SetRequestTimeout); "
            + $"{(backend is null ? "no backend was found by then" : $"backend '{backend}' was to answer then{AttemptHistory.DescribeLast(attempts)}")}{AttemptHistory.DescribeBefore(attempts)}.",
            attempts,
            innerException: innerException) => RequestTimeout = timeout;

    /// <summary>The timeout that was exceeded.</summary>
    public TimeSpan RequestTimeout { get; }
}
