namespace LoadBalancing.Client;

/// <summary>What a probe has found out. The default value is a failure without a cause.</summary>
public readonly record struct ProbeResult
{
    private readonly string? _cause;
    private readonly string? _errorType;

    private ProbeResult(bool isHealthy, string? cause, string? errorType, Exception? exception)
    {
        IsHealthy = isHealthy;
        _cause = cause;
        _errorType = errorType;
        Exception = exception;
    }

    /// <summary>The backend works.</summary>
    public static ProbeResult Healthy => new(isHealthy: true, null, null, null);

    /// <summary>Whether the backend works.</summary>
    public bool IsHealthy { get; }

    /// <summary>Why it does not, in a few words, for logs and explanations; empty when it works.</summary>
    public string Cause => IsHealthy ? "" : _cause ?? "failed";

    /// <summary>What kind of failure, for the metric; <see langword="null"/> when it works.</summary>
    public string? ErrorType => IsHealthy ? null : _errorType ?? "failed";

    /// <summary>What it failed with.</summary>
    internal Exception? Exception { get; }

    /// <summary>The backend does not work.</summary>
    /// <param name="cause">Why, in a few words that can stand in brackets, for example <c>disk full</c>.</param>
    /// <param name="errorType">What kind of failure, in the words of OpenTelemetry's <c>error.type</c>; keep the number of distinct values small, since it becomes a metric tag. The default is <c>failed</c>.</param>
    /// <exception cref="ArgumentException"><paramref name="cause"/> is empty.</exception>
    public static ProbeResult Unhealthy(string cause, string? errorType = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(cause);
        return new ProbeResult(isHealthy: false, cause, errorType, null);
    }

    internal static ProbeResult Failed(string cause, string errorType, Exception? exception = null) => new(isHealthy: false, cause, errorType, exception);
}
