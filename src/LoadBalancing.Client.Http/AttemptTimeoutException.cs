namespace LoadBalancing.Client;

/// <summary>A backend did not send its response headers within the attempt timeout (<see cref="HttpBalancingOptions.AttemptTimeout"/>). It counts as a failure of that backend.</summary>
public sealed class AttemptTimeoutException : BackendRequestException
{
    /// <summary>No headers from <paramref name="backend"/> in time.</summary>
    /// <param name="service">The service's name.</param>
    /// <param name="backend">The backend's id.</param>
    /// <param name="timeout">The timeout that was exceeded.</param>
    /// <param name="innerException">The cancellation that ended the attempt.</param>
    /// <param name="attempts">All attempts of the request, in order; <see langword="null"/> for none.</param>
    public AttemptTimeoutException(string service, string backend, TimeSpan timeout, Exception? innerException = null, IReadOnlyList<BackendAttempt>? attempts = null)
        : this(service, backend, timeout, innerException, attempts, notSentAgain: "")
    {
    }

    /// <param name="service">The service's name.</param>
    /// <param name="backend">The backend's id.</param>
    /// <param name="timeout">The timeout that was exceeded.</param>
    /// <param name="innerException">The cancellation that ended the attempt.</param>
    /// <param name="attempts">All attempts of the request, in order; <see langword="null"/> for none.</param>
    /// <param name="notSentAgain">Why the request was not sent again, with a semicolon in front; or empty.</param>
    internal AttemptTimeoutException(string service, string backend, TimeSpan timeout, Exception? innerException, IReadOnlyList<BackendAttempt>? attempts, string notSentAgain)
        : base(
            service,
            backend,
            $"Service '{service}': backend '{backend}' sent no response headers within {timeout} (the attempt timeout: AttemptTimeout, UseAttemptTimeout, or the request's SetAttemptTimeout){AttemptHistory.DescribeBefore(attempts)}{notSentAgain}.",
            attempts,
            innerException: innerException) => AttemptTimeout = timeout;

    /// <summary>The timeout that was exceeded.</summary>
    public TimeSpan AttemptTimeout { get; }
}
