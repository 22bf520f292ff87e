using System.Globalization;
using LoadBalancing.Client.Backends;

namespace LoadBalancing.Client.Http.Bodies;

/// <summary>What a reader gets whose backend has broken off its answer: an exception of the kind that .NET throws there, which names the backend as well.</summary>
internal static class BrokenBody
{
    /// <param name="exception">What .NET has thrown.</param>
    /// <param name="content">The answer.</param>
    /// <param name="backend">Whose it is.</param>
    /// <param name="bytes">How much of it was read.</param>
    /// <returns>What to throw instead; <see langword="null"/> where the type is somebody else's, which says more to those who know it.</returns>
    public static Exception? Describe(Exception exception, TrackedContent content, BackendState backend, long bytes)
    {
        string service = backend.Host!.ServiceName;
        return exception switch
        {
            HttpRequestException copy when copy.GetType() == typeof(HttpRequestException) => new BackendRequestException(
                service,
                backend.Id,
                Tell(copy.InnerException ?? copy),
                content.Attempts ?? [new BackendAttempt(backend.Id, StatusCode: null, HttpOutcome.OfBodyException(copy, isCallerCanceled: false)!.Value.ErrorType, Elapsed: null)],
                copy.HttpRequestError,
                copy,
                copy.StatusCode),
            HttpProtocolException protocol => new HttpProtocolException(protocol.ErrorCode, Tell(protocol), protocol),
            HttpIOException io when io.GetType() == typeof(HttpIOException) => new HttpIOException(io.HttpRequestError, Tell(io), io),
            IOException io when io.GetType() == typeof(IOException) => new IOException(Tell(io), io),
            _ => null,
        };

        string Tell(Exception cause) => string.Create(CultureInfo.InvariantCulture, $"Service '{service}': backend '{backend.Id}' broke off its answer after {bytes} bytes: {cause.Message}");
    }
}
