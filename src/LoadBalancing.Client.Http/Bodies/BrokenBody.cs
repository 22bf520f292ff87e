using System.Globalization;
using LoadBalancing.Client.Http.Resilience;

namespace LoadBalancing.Client.Http.Bodies;

/// <summary>What a reader gets whose backend has broken off its answer: an exception of the kind that .NET throws there, around the same cause, which names the backend as well.</summary>
internal static class BrokenBody
{
    /// <param name="exception">What .NET has thrown.</param>
    /// <param name="content">The answer.</param>
    /// <param name="bytes">How much of it was read.</param>
    /// <param name="errorType">What kind of failure.</param>
    /// <returns>What to throw instead; <see langword="null"/> where the type is somebody else's, which says more to those who know it.</returns>
    public static Exception? Describe(Exception exception, TrackedContent content, long bytes, string? errorType)
    {
        string service = content.Backend.Host!.ServiceName;
        string backend = content.Backend.Id;
        Exception cause = exception.InnerException ?? exception;
        return exception switch
        {
            HttpRequestException copy when copy.GetType() == typeof(HttpRequestException) => CreateForCopy(copy),
            HttpProtocolException protocol => new HttpProtocolException(protocol.ErrorCode, Tell(MessageOf(protocol)), cause),
            HttpIOException io when io.GetType() == typeof(HttpIOException) => new HttpIOException(io.HttpRequestError, Tell(MessageOf(io)), cause),
            IOException io when io.GetType() == typeof(IOException) => new IOException(Tell(io.Message), cause),
            InvalidDataException data => new InvalidDataException(Tell(data.Message), cause),
            _ => null,
        };

        BackendRequestException CreateForCopy(HttpRequestException copy)
        {
            // That it was answered is true, but not how it ended.
            BackendAttempt last = content.Attempts?[^1] ?? new BackendAttempt(backend, StatusCode: null, ErrorType: null, Elapsed: null);
            IReadOnlyList<BackendAttempt> attempts = [.. content.Attempts?.SkipLast(1) ?? [], last with { StatusCode = null, ErrorType = errorType }];
            return new BackendRequestException(service, backend, Tell(cause.Message) + AttemptHistory.DescribeBefore(attempts), attempts, copy.HttpRequestError, cause, copy.StatusCode);
        }

        string Tell(string message) => string.Create(CultureInfo.InvariantCulture, $"Service '{service}': backend '{backend}' broke off its answer after {bytes} bytes: {message}");
    }

    /// <summary>Without the kind of error, which the new exception appends again.</summary>
    private static string MessageOf(HttpIOException exception)
    {
        string kind = $" ({exception.HttpRequestError})";
        return exception.Message.EndsWith(kind, StringComparison.Ordinal) ? exception.Message[..^kind.Length] : exception.Message;
    }
}
