using System.Net.Sockets;

namespace LoadBalancing.Client.Http.Resilience;

/// <summary>What a request throws whose last attempt has ended without an answer: whose fault it was, on which backend, after how long, and what was tried before.</summary>
internal static class AttemptErrors
{
    /// <param name="service">The service's name.</param>
    /// <param name="end">The last attempt.</param>
    /// <param name="attempts">All attempts, the last one included.</param>
    /// <param name="notSentAgain">Why it is the last, with a semicolon in front; or empty.</param>
    /// <param name="requestTimeout">What the request was allowed to take.</param>
    /// <param name="callerToken">The caller knows its own token, not the one that the attempt was sent with.</param>
    /// <returns>What to throw; the exception itself, where it is not about the backend but of a kind that somebody below has chosen.</returns>
    public static Exception Create(string service, in AttemptEnd end, IReadOnlyList<BackendAttempt> attempts, string notSentAgain, TimeSpan requestTimeout, CancellationToken callerToken)
    {
        Exception exception = end.Exception!;
        return end.Stop switch
        {
            AttemptStop.Timeout => new AttemptTimeoutException(service, end.Backend.Id, end.Timeout, exception, attempts, notSentAgain),
            AttemptStop.RequestTimeout => new RequestTimeoutException(service, end.Backend.Id, requestTimeout, exception, attempts),
            AttemptStop.ConnectTimeout => Create(service, end, attempts, notSentAgain, $"no connection to backend '{end.Backend.Id}' within the connect timeout (ConnectTimeout)", HttpRequestError.ConnectionError),
            AttemptStop.Canceled when exception is OperationCanceledException =>
                CreateCanceled($"Service '{service}': the caller canceled the request while backend '{end.Backend.Id}' was to answer{BackendAttempt.Describe(end.Elapsed)}{AttemptHistory.DescribeBefore(attempts)}.", exception, callerToken),
            AttemptStop.Handler => exception,
            _ => exception switch
            {
                // A type of somebody else's says more to those who know it.
                HttpRequestException request when request.GetType() == typeof(HttpRequestException) =>
                    Create(service, end, attempts, notSentAgain, end.Failure == AttemptFailure.NeverSent ? $"no connection to backend '{end.Backend.Id}'" : $"backend '{end.Backend.Id}' failed", request.HttpRequestError),
                HttpIOException io => Create(service, end, attempts, notSentAgain, $"backend '{end.Backend.Id}' failed", io.HttpRequestError),
                IOException or SocketException or OperationCanceledException => Create(service, end, attempts, notSentAgain, $"backend '{end.Backend.Id}' failed", HttpRequestError.Unknown),
                _ => exception,
            },
        };
    }

    /// <summary>The caller has given up between two attempts.</summary>
    public static Exception CreateCanceled(string service, IReadOnlyList<BackendAttempt> attempts, Exception exception, CancellationToken callerToken) =>
        CreateCanceled($"Service '{service}': the caller canceled the request before it was sent again; so far: {string.Join(", ", attempts)}.", exception, callerToken);

    private static TaskCanceledException CreateCanceled(string message, Exception exception, CancellationToken callerToken) => new(message, exception, callerToken);

    private static BackendRequestException Create(string service, in AttemptEnd end, IReadOnlyList<BackendAttempt> attempts, string notSentAgain, string what, HttpRequestError error) => new(
        service,
        end.Backend.Id,
        $"Service '{service}': {what}{BackendAttempt.Describe(end.Elapsed)}: {end.Exception!.Message}{AttemptHistory.DescribeBefore(attempts)}{notSentAgain}",
        attempts,
        error,
        end.Exception,
        (end.Exception as HttpRequestException)?.StatusCode);
}
