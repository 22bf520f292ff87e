using LoadBalancing.Client.Http.Bodies;
using LoadBalancing.Client.Http.Outcomes;

namespace LoadBalancing.Client;

/// <summary>Reads what balancing knows about a response.</summary>
public static class LoadBalancingHttpResponseMessageExtensions
{
    /// <summary>
    /// The backend that served the response; <see langword="null"/> when the request was not balanced, or when someone has replaced <see cref="HttpResponseMessage.Content"/> since. Thread safe.
    /// </summary>
    public static BackendState? GetBackend(this HttpResponseMessage response)
    {
        ArgumentNullException.ThrowIfNull(response);
        return (response.Content as TrackedContent)?.Backend;
    }

    /// <summary>
    /// All attempts of the request that the response is for, in order: the last one is the response itself. Empty when the request was not balanced, or when someone has replaced <see cref="HttpResponseMessage.Content"/> since.
    /// Thread safe.
    /// </summary>
    public static IReadOnlyList<BackendAttempt> GetAttempts(this HttpResponseMessage response)
    {
        ArgumentNullException.ThrowIfNull(response);
        return response.Content is TrackedContent content
            ? content.Attempts ?? [new BackendAttempt(content.Backend.Id, response.StatusCode, OutcomeClassifier.OfStatus(response.StatusCode).ErrorType, Elapsed: null)]
            : [];
    }
}
