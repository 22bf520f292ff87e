using System.Net;

namespace LoadBalancing.Client;

/// <summary>
/// A request has failed on a backend: no connection, a connection that broke, a timeout; or an answer that was broken off while <c>SendAsync</c>, <c>GetAsync</c> and the like read it into memory. Names the backend, and what was tried before.
/// The exception of the handler below is the <see cref="Exception.InnerException"/>, and its <see cref="HttpRequestException.HttpRequestError"/> is this one's too.
/// </summary>
public class BackendRequestException : HttpRequestException
{
    /// <summary>The request failed on <paramref name="backend"/>, as <paramref name="message"/> says.</summary>
    /// <param name="service">The service's name.</param>
    /// <param name="backend">The id of the backend that was tried last; <see langword="null"/> when there was none.</param>
    /// <param name="message">What has happened.</param>
    /// <param name="attempts">All attempts, in order; <see langword="null"/> for none.</param>
    /// <param name="error">What kind of failure.</param>
    /// <param name="innerException">What the handler below has thrown.</param>
    /// <param name="statusCode">The status that goes with it, if there was one.</param>
    public BackendRequestException(
        string service,
        string? backend,
        string message,
        IReadOnlyList<BackendAttempt>? attempts = null,
        HttpRequestError error = HttpRequestError.Unknown,
        Exception? innerException = null,
        HttpStatusCode? statusCode = null)
        : base(error, message, innerException, statusCode)
    {
        Service = service;
        Backend = backend;
        Attempts = attempts ?? [];
    }

    /// <summary>The service's name.</summary>
    public string Service { get; }

    /// <summary>The id of the backend that was tried last; <see langword="null"/> when the time was over before there was one.</summary>
    public string? Backend { get; }

    /// <summary>All attempts of the request, in order, the one that has failed last included.</summary>
    public IReadOnlyList<BackendAttempt> Attempts { get; }
}
