namespace LoadBalancing.Client;

/// <summary>A backend did not send its response headers within the attempt timeout (<see cref="HttpBalancingOptions.AttemptTimeout"/>). It counts as a failure of that backend.</summary>
public sealed class AttemptTimeoutException : HttpRequestException
{
    /// <summary>No headers from <paramref name="backend"/> in time.</summary>
    /// <param name="service">The service's name.</param>
    /// <param name="backend">The backend's id.</param>
    /// <param name="timeout">The timeout that was exceeded.</param>
    /// <param name="innerException">The cancellation that ended the attempt.</param>
    public AttemptTimeoutException(string service, string backend, TimeSpan timeout, Exception? innerException = null)
        : base($"Service '{service}': backend '{backend}' sent no response headers within {timeout} (the attempt timeout: UseAttemptTimeout, or the request's SetAttemptTimeout).", innerException)
    {
        Service = service;
        Backend = backend;
        AttemptTimeout = timeout;
    }

    /// <summary>The service's name.</summary>
    public string Service { get; }

    /// <summary>The id of the backend that did not answer.</summary>
    public string Backend { get; }

    /// <summary>The timeout that was exceeded.</summary>
    public TimeSpan AttemptTimeout { get; }
}
