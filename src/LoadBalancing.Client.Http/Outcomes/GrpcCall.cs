using System.Net;
using System.Net.Http.Headers;
using LoadBalancing.Client.Backends;

namespace LoadBalancing.Client.Http.Outcomes;

/// <summary>A request that is a gRPC call, sent when <paramref name="started"/> says: what its end tells of its backend depends on both.</summary>
/// <param name="request">The request.</param>
/// <param name="settings">The settings in force.</param>
/// <param name="started">When it was sent.</param>
internal readonly struct GrpcCall(HttpRequestMessage request, HttpBalancingSettings settings, long started)
{
    private const string MediaType = "application/grpc";

    /// <summary>
    /// Whether a body is gRPC's: <c>application/grpc</c>, or that with a format (<c>application/grpc+proto</c>). gRPC-Web is not: its status is in the body.
    /// </summary>
    public static bool IsGrpc(HttpContent? content) =>
        content is not null
        && content.Headers.NonValidated.TryGetValues("Content-Type", out HeaderStringValues type)
        && type.ToString() is { } text
        && text.StartsWith(MediaType, StringComparison.OrdinalIgnoreCase)
        && (text.Length == MediaType.Length || text[MediaType.Length] is '+' or ';' or ' ');

    /// <summary>What the headers of an answer say, if all is said with them: it has no body, or somebody has answered who does not speak gRPC.</summary>
    public static Outcome? FindOutcome(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues(GrpcStatus.HeaderName, out HeaderStringValues status) ? GrpcOutcome.OfStatus(status.ToString())
        : response.StatusCode != HttpStatusCode.OK || !IsGrpc(response.Content) ? GrpcOutcome.OfHttpStatus((int)response.StatusCode)
        : null;

    /// <summary>The caller has ended it, or its deadline.</summary>
    public Outcome OutcomeOfCancellation()
    {
        string? timeout = request.Headers.NonValidated.TryGetValues(GrpcTimeout.HeaderName, out HeaderStringValues values) ? values.ToString() : null;
        return GrpcOutcome.OfCancellation(settings.Elapsed(started) ?? TimeSpan.Zero, timeout, settings.Timeouts.Attempt);
    }
}
