using LoadBalancing.Client.Http.Bodies;

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
}
