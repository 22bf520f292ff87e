namespace LoadBalancing.Client.Backends;

/// <summary>
/// Decides, in one place for all packages, what a gRPC call says about its backend. It is the status at the end of the stream that tells, never the HTTP status of its beginning; a call whose connection fails has none, and is judged as
/// any other request over HTTP is.
/// </summary>
internal static class GrpcOutcome
{
    /// <summary>What of a deadline may be over before the call is sent: the header is written when the call is made, and the call may have waited for a connection.</summary>
    private const double SpentBefore = 0.1;

    /// <summary>CANCEL: RFC 9113, section 7.</summary>
    private const long Http2Cancel = 8;

    /// <summary>H3_REQUEST_CANCELLED: RFC 9114, section 8.1.</summary>
    private const long Http3Cancel = 0x10c;

    private static readonly TimeSpan LeastSpentBefore = TimeSpan.FromMilliseconds(100);

    /// <summary>The call ended with a status.</summary>
    /// <param name="status">The value of <c>grpc-status</c>, from the trailers or, where there is no body, the headers; <see langword="null"/> when the answer ended without one, which is a broken protocol.</param>
    public static Outcome OfStatus(string? status) => OfName(GrpcStatus.NameOf(status));

    /// <summary>The answer was another HTTP status than 200, and came without <c>grpc-status</c>: it is a proxy's, or that of a server that does not know gRPC.</summary>
    public static Outcome OfHttpStatus(int status) => OfName(GrpcStatus.NameOfHttpStatus(status));

    /// <summary>
    /// Whether the stream of the call was reset with the code of a cancellation. A server does so that has noticed before this process that the deadline is over, or that the caller is gone.
    /// </summary>
    public static bool IsCancellation(Exception exception) => (exception as HttpProtocolException ?? exception.InnerException as HttpProtocolException) is { ErrorCode: Http2Cancel or Http3Cancel };

    /// <summary>
    /// The caller ended the call. It says nothing about the backend, unless it was the deadline that did, and the backend has had as long as an attempt may take: a backend that hangs must not go unnoticed because all calls have
    /// deadlines. A deadline arrives as a cancellation; the time tells it apart.
    /// </summary>
    /// <param name="elapsed">The time since the call was sent.</param>
    /// <param name="timeout">The value of the call's <c>grpc-timeout</c>; <see langword="null"/> when it has none.</param>
    /// <param name="attemptTimeout">How long an attempt may take; <see cref="Timeout.InfiniteTimeSpan"/> for as long as it likes.</param>
    public static Outcome OfCancellation(TimeSpan elapsed, string? timeout, TimeSpan attemptTimeout)
    {
        if (attemptTimeout < TimeSpan.Zero || GrpcTimeout.Parse(timeout) is not { } deadline)
        {
            return Outcome.Canceled;
        }

        TimeSpan spentBefore = deadline * SpentBefore > LeastSpentBefore ? deadline * SpentBefore : LeastSpentBefore;
        TimeSpan longest = elapsed > deadline ? elapsed : deadline;
        return elapsed >= deadline - spentBefore && longest >= attemptTimeout ? Outcome.Failed with { ErrorType = GrpcStatus.DeadlineExceeded } : Outcome.Canceled;
    }

    /// <summary>A server that cancels does so because somebody else has, so it is neither a success nor a failure.</summary>
    private static Outcome OfName(string name) =>
        GrpcStatus.IsFailure(name) ? Outcome.Failed with { ErrorType = name }
        : name == GrpcStatus.Cancelled ? Outcome.Canceled
        : Outcome.Succeeded;
}
