using System.Net.Sockets;

namespace LoadBalancing.Client.Health.Probing;

/// <summary>What went wrong when a probe threw: a few words for people, and the word for the metric, the same as for attempts.</summary>
internal static class ProbeErrors
{
    public const string Timeout = "timeout";

    public static ProbeResult Describe(Exception exception) => exception switch
    {
        HttpRequestException request => ProbeResult.Failed(CauseOf(request), ErrorTypeOf(request.HttpRequestError, request), request),
        HttpIOException io => ProbeResult.Failed(CauseOf(io.HttpRequestError), ErrorTypeOf(io.HttpRequestError, io), io),
        SocketException socket => ProbeResult.Failed(CauseOf(socket), "connection_error", socket),
        OperationCanceledException or TimeoutException => ProbeResult.Failed(Timeout, Timeout, exception),
        _ => ProbeResult.Failed($"threw {exception.GetType().Name}", exception.GetType().FullName!, exception),
    };

    private static string CauseOf(HttpRequestException exception) =>
        exception.HttpRequestError == HttpRequestError.ConnectionError && exception.InnerException is SocketException socket ? CauseOf(socket) : CauseOf(exception.HttpRequestError);

    private static string CauseOf(SocketException exception) => exception.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "refused",
        SocketError.ConnectionReset => "reset",
        SocketError.TimedOut => Timeout,
        SocketError.HostUnreachable or SocketError.NetworkUnreachable => "unreachable",
        SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData => "name not found",
        SocketError error => $"socket error {error}",
    };

    private static string CauseOf(HttpRequestError error) => error switch
    {
        HttpRequestError.NameResolutionError => "name not found",
        HttpRequestError.ConnectionError => "no connection",
        HttpRequestError.SecureConnectionError => "TLS failed",
        HttpRequestError.HttpProtocolError or HttpRequestError.InvalidResponse => "not HTTP",
        HttpRequestError.VersionNegotiationError => "other HTTP version",
        HttpRequestError.ResponseEnded => "closed without an answer",
        _ => "request failed",
    };

    private static string ErrorTypeOf(HttpRequestError error, Exception exception) => error switch
    {
        HttpRequestError.NameResolutionError => "name_resolution_error",
        HttpRequestError.ConnectionError => "connection_error",
        HttpRequestError.SecureConnectionError => "secure_connection_error",
        HttpRequestError.HttpProtocolError => "http_protocol_error",
        HttpRequestError.VersionNegotiationError => "version_negotiation_error",
        HttpRequestError.InvalidResponse => "invalid_response",
        HttpRequestError.ResponseEnded => "response_ended",
        _ => exception.GetType().FullName!,
    };
}
