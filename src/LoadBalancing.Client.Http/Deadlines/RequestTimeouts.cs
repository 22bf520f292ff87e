using LoadBalancing.Client.Http.Resilience;

namespace LoadBalancing.Client.Http.Deadlines;

/// <summary>How long one request, and each of its attempts, may take to the response headers; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</summary>
/// <param name="Attempt">From the moment it is sent to a backend.</param>
/// <param name="Request">From the moment the handler gets it: with all attempts, and all waiting in between.</param>
/// <param name="IsGrpc">Whether it is a gRPC call, which the options do not limit.</param>
internal readonly record struct RequestTimeouts(TimeSpan Attempt, TimeSpan Request, bool IsGrpc)
{
    private static readonly RequestTimeouts Unlimited = new(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan, IsGrpc: true);

    /// <summary>Whether somebody will ask how long the request took: a limit, or, of a gRPC call, whoever tells a deadline from a caller who gives up.</summary>
    public bool IsTimed => Attempt != Timeout.InfiniteTimeSpan || Request != Timeout.InfiniteTimeSpan || IsGrpc;

    /// <summary>What the request itself says, or else the options; but those do not limit gRPC, whose headers may come late.</summary>
    /// <exception cref="ArgumentOutOfRangeException">What the request says is out of range.</exception>
    public static RequestTimeouts Of(HttpRequestMessage request, HttpBalancingSettings settings) =>
        request.Content is null && ExistingOptions.Of(request) is null ? settings.Timeouts : Find(request, settings);

    /// <summary>All of the request's time; <see langword="null"/> when it has no limit.</summary>
    public TimeSpan? All => Request == Timeout.InfiniteTimeSpan ? null : Request;

    /// <summary>How much is left of it, when the request began at <paramref name="started"/>.</summary>
    public TimeSpan? Left(TimeProvider timeProvider, long started) => Request == Timeout.InfiniteTimeSpan ? null : Request - timeProvider.GetElapsedTime(started);

    private static RequestTimeouts Find(HttpRequestMessage request, HttpBalancingSettings settings)
    {
        bool isGrpc = RetryRules.IsGrpc(request);
        RequestTimeouts others = isGrpc ? Unlimited : settings.Timeouts;
        return new RequestTimeouts(
            LoadBalancingRequestOptions.FindAttemptTimeout(request) ?? others.Attempt,
            LoadBalancingRequestOptions.FindRequestTimeout(request) ?? others.Request,
            isGrpc);
    }
}
