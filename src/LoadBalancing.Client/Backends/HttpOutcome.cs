using System.Net.Sockets;

namespace LoadBalancing.Client.Backends;

/// <summary>Decides, in one place for all packages, what an exception of a request over HTTP says about its backend.</summary>
internal static class HttpOutcome
{
    /// <summary>The attempt ended before its headers came.</summary>
    /// <param name="exception">What it ended with.</param>
    /// <param name="isCallerCanceled">Whether the caller's token is canceled. It alone says so: a connect timeout is an <see cref="OperationCanceledException"/> too.</param>
    public static Outcome OfException(Exception exception, bool isCallerCanceled) => exception switch
    {
        _ when isCallerCanceled => Outcome.Canceled,
        HttpRequestException request => OfError(request),
        OperationCanceledException => Outcome.ConnectFailed with { ErrorType = Outcome.TimeoutError },
        HttpIOException protocol => Outcome.Failed with { ErrorType = Describe(protocol.HttpRequestError, protocol) },
        IOException or SocketException => Outcome.Failed with { ErrorType = Describe(exception) },
        _ => default,
    };

    /// <summary>Reading the body ended with an exception.</summary>
    /// <param name="exception">What it ended with.</param>
    /// <param name="isCallerCanceled">Whether the token of the read is canceled.</param>
    /// <returns>The outcome, or <see langword="null"/> when the reader made a mistake that has not ended the body.</returns>
    public static Outcome? OfBodyException(Exception exception, bool isCallerCanceled) => exception switch
    {
        _ when isCallerCanceled => Outcome.Canceled,
        HttpRequestException request => Outcome.Failed with { ErrorType = Describe(request.HttpRequestError, request) },
        HttpIOException protocol => Outcome.Failed with { ErrorType = Describe(protocol.HttpRequestError, protocol) },
        OperationCanceledException => Outcome.Failed with { ErrorType = Outcome.TimeoutError },
        IOException or SocketException or InvalidDataException => Outcome.Failed with { ErrorType = Describe(exception) },
        _ => null,
    };

    private static Outcome OfError(HttpRequestException exception)
    {
        HttpRequestError error = exception.HttpRequestError;
        return error switch
        {
            HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError =>
                Outcome.ConnectFailed with { ErrorType = Describe(error, exception) },

            // The request, the client's configuration or a proxy is to blame.
            HttpRequestError.UserAuthenticationError or HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.ProxyTunnelError or HttpRequestError.ExtendedConnectNotSupported =>
                default,
            _ => Outcome.Failed with { ErrorType = Describe(error, exception) },
        };
    }

    /// <summary>The words of OpenTelemetry's <c>error.type</c> for HTTP clients.</summary>
    private static string Describe(HttpRequestError error, Exception exception) => error switch
    {
        HttpRequestError.NameResolutionError => "name_resolution_error",
        HttpRequestError.ConnectionError => "connection_error",
        HttpRequestError.SecureConnectionError => "secure_connection_error",
        HttpRequestError.HttpProtocolError => "http_protocol_error",
        HttpRequestError.VersionNegotiationError => "version_negotiation_error",
        HttpRequestError.InvalidResponse => "invalid_response",
        HttpRequestError.ResponseEnded => "response_ended",
        _ => Describe(exception),
    };

    private static string Describe(Exception exception) => exception.GetType().FullName!;
}
