using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace LoadBalancing.Client.Http.Resilience;

/// <summary>
/// Decides, in one place, what may be sent again: by the request, and by the way in which its attempt has failed. See <c>docs/resilience.md</c> for the table and its reasons.
/// </summary>
internal static class RetryRules
{
    private const string IdempotencyKey = "Idempotency-Key";

    /// <summary>The table.</summary>
    /// <param name="isIdempotent">Whether it does no harm if backends serve the request twice.</param>
    /// <param name="failure">How the attempt has ended.</param>
    public static bool MayRetry(bool isIdempotent, AttemptFailure failure) => failure switch
    {
        AttemptFailure.NeverSent => true,
        AttemptFailure.NoAnswer or AttemptFailure.Refused => isIdempotent,
        _ => false,
    };

    /// <summary>Whether it does no harm if backends serve the request twice: by its method (RFC 9110, 9.2.2), or because it has a key by which they know it again.</summary>
    public static bool IsIdempotent(HttpRequestMessage request) =>
        IsIdempotent(request.Method) || (ExistingHeaders.Of(request) is { } headers && headers.NonValidated.Contains(IdempotencyKey));

    public static bool IsIdempotent(HttpMethod method) =>
        ReferenceEquals(method, HttpMethod.Get) // What most requests are.
        || method == HttpMethod.Get
        || method == HttpMethod.Head
        || method == HttpMethod.Put
        || method == HttpMethod.Delete
        || method == HttpMethod.Options
        || method == HttpMethod.Trace;

    /// <summary>Requests that are never sent again here: those that ask for a connection of their own, and gRPC calls, which gRPC retries by its own rules.</summary>
    public static bool IsLeftAlone(HttpRequestMessage request) =>
        request.Method == HttpMethod.Connect || (ExistingHeaders.Of(request) is { } headers && headers.NonValidated.Contains("Upgrade")) || IsGrpc(request);

    public static bool IsGrpc(HttpRequestMessage request) =>
        request.Content is { } content
        && content.Headers.NonValidated.TryGetValues("Content-Type", out HeaderStringValues type)
        && type.ToString().StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase);

    public static AttemptFailure OfStatus(HttpStatusCode status) =>
        status is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout or HttpStatusCode.TooManyRequests
            ? AttemptFailure.Refused
            : AttemptFailure.None;

    /// <summary>An attempt that nobody has ended early ended with an exception.</summary>
    /// <remarks>
    /// "Never sent" is what SocketsHttpHandler (.NET 10) says only while it makes a connection. <see cref="HttpRequestError.ConnectionError"/> and <see cref="HttpRequestError.NameResolutionError"/> come from where it wraps what
    /// connecting a socket, a ConnectCallback or QUIC has thrown, <see cref="HttpRequestError.SecureConnectionError"/> from the TLS handshake: a connection that was made and then dies gives other errors
    /// (ResponseEnded, HttpProtocolError, Unknown), over HTTP/3 too. The connect timeout is the one cancellation that it wraps around a <see cref="TimeoutException"/>. A request that it has sent again by itself, which could
    /// then fail to connect, was either an idempotent one, or a backend has said that it had not processed it: see <see cref="Routing.RewrittenRequest"/>.
    /// </remarks>
    public static AttemptFailure OfException(Exception exception) => exception switch
    {
        HttpRequestException request => OfError(request.HttpRequestError),
        _ when IsConnectTimeout(exception) => AttemptFailure.NeverSent,
        OperationCanceledException or HttpIOException or IOException or SocketException => AttemptFailure.NoAnswer,
        _ => AttemptFailure.Final,
    };

    /// <summary>Whether this is how a connect timeout arrives, when nobody has canceled anything.</summary>
    public static bool IsConnectTimeout(Exception exception) => exception is OperationCanceledException { InnerException: TimeoutException };

    private static AttemptFailure OfError(HttpRequestError error) => error switch
    {
        HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError => AttemptFailure.NeverSent,

        // The request, the client's configuration or a proxy is to blame.
        HttpRequestError.UserAuthenticationError or HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.ProxyTunnelError or HttpRequestError.ExtendedConnectNotSupported => AttemptFailure.Final,
        _ => AttemptFailure.NoAnswer,
    };
}
