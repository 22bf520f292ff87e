namespace LoadBalancing.Client;

/// <summary>No backend could take a request. The message says, for each backend, why.</summary>
public sealed class NoBackendAvailableException : HttpRequestException
{
    /// <summary>No backend, for the reason in <paramref name="message"/>.</summary>
    public NoBackendAvailableException(string message, PickExplanation? explanation = null, Exception? innerException = null)
        : base(HttpRequestError.ConnectionError, message, innerException)
    {
        Explanation = explanation;
    }

    /// <summary>How the balancer saw its backends; <see langword="null"/> when discovery had not answered yet.</summary>
    public PickExplanation? Explanation { get; }

    /// <summary>
    /// Whether concurrency caps are the reason (<see cref="Backend.MaxConcurrency"/>): a backend that could take the request has as many attempts in flight as it may have. Such a request was not sent to anybody, and may succeed a little later.
    /// </summary>
    public bool IsSaturated { get; init; }
}
