namespace LoadBalancing.Client.Http.Resilience;

/// <summary>How one attempt has ended: with an answer, good or bad, or with an exception.</summary>
internal readonly struct AttemptEnd
{
    /// <summary>The <see cref="ErrorType"/> of an attempt that was ended from outside.</summary>
    public const string CanceledError = "canceled";

    public required BackendState Backend { get; init; }

    public required AttemptFailure Failure { get; init; }

    public HttpResponseMessage? Response { get; init; }

    public Exception? Exception { get; init; }

    /// <summary>What has ended it, if it was not the attempt itself.</summary>
    public AttemptStop Stop { get; init; }

    /// <summary>The time that the attempt had, where that has ended it.</summary>
    public TimeSpan Timeout { get; init; }

    public string? ErrorType { get; init; }

    public TimeSpan? Elapsed { get; init; }

    public BackendAttempt ToAttempt() => new(Backend.Id, Response?.StatusCode, ErrorType, Elapsed);
}
