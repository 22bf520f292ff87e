using System.Globalization;
using System.Net;

namespace LoadBalancing.Client;

/// <summary>One attempt of a request, as it ended: to tell of, in exceptions and of responses.</summary>
/// <param name="Backend">The id of the backend.</param>
/// <param name="StatusCode">The status of its answer; <see langword="null"/> when there was none.</param>
/// <param name="ErrorType">What kind of failure, in the words of OpenTelemetry's <c>error.type</c>, such as <c>503</c>, <c>timeout</c> or <c>connection_error</c>; <see langword="null"/> when it was none.</param>
/// <param name="Elapsed">How long it took, to the headers or to the failure; <see langword="null"/> when nobody has timed it: retries and timeouts are off, or the first attempt has answered well.</param>
public sealed record BackendAttempt(string Backend, HttpStatusCode? StatusCode, string? ErrorType, TimeSpan? Elapsed)
{
    /// <summary>For example <c>'a' 503 after 12 ms</c>.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"'{Backend}' {(StatusCode is { } status ? ((int)status).ToString(CultureInfo.InvariantCulture) : ErrorType ?? "failed")}{Describe(Elapsed)}");

    internal static string Describe(TimeSpan? elapsed) => elapsed is { } time ? string.Create(CultureInfo.InvariantCulture, $" after {time.TotalMilliseconds:0.#} ms") : "";
}
