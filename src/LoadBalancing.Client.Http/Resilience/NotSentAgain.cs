using System.Globalization;

namespace LoadBalancing.Client.Http.Resilience;

/// <summary>Why a request was not sent again although it had attempts left, as the end of a message.</summary>
internal static class NotSentAgain
{
    /// <param name="request">The request.</param>
    /// <param name="end">Its last attempt.</param>
    /// <param name="refusal">What was in the way when it was to be sent again, if it came to that.</param>
    /// <param name="wait">How long those that are left do not want it.</param>
    /// <returns>The reason, with a semicolon in front; empty when there is nothing to explain: retries are off, no attempts are left, or it would not have helped.</returns>
    public static string Describe(BalancedRequest request, in AttemptEnd end, RetryRefusal refusal, TimeSpan wait)
    {
        if (request.Settings.Retry is not { } retry
            || request.AttemptCount >= retry.MaxAttempts
            || end.Failure is AttemptFailure.None or AttemptFailure.Final
            || request.CallerToken.IsCancellationRequested)
        {
            return "";
        }

        string? reason = refusal switch
        {
            RetryRefusal.NoTime => "nothing left of the request timeout",
            RetryRefusal.RetryAfter => string.Create(CultureInfo.InvariantCulture, $"Retry-After {wait.TotalSeconds:0.#} s is above MaxRetryAfter"),
            RetryRefusal.NoBudget => "the retry budget is used up",
            RetryRefusal.NoBackend => $"no other backend: {Describe(request.Missing)}",
            _ => Describe(request.Request, end.Failure),
        };
        return reason is null ? "" : $"; not sent again: {reason}";
    }

    private static string Describe(Exception? missing) => missing switch
    {
        NoBackendAvailableException { IsSaturated: true } => "all are at their caps",
        NoBackendAvailableException => "none may receive requests",
        RequestTimeoutException => "none within the request timeout",
        _ => "those that could take it have sent Retry-After",
    };

    private static string? Describe(HttpRequestMessage request, AttemptFailure failure) =>
        !LoadBalancingRequestOptions.AllowsRetry(request) ? "the request says so (SetRetry)"
        : RetryRules.IsLeftAlone(request) ? "CONNECT, upgrades and gRPC calls never are"
        : !RetryRules.MayRetry(RetryRules.IsIdempotent(request), failure) ? $"{request.Method} without Idempotency-Key may have reached the backend"
        : !ReplayableContent.IsInMemory(request.Content) ? "its content is a stream that was read (MaxBufferedBodyBytes)"
        : null;
}
