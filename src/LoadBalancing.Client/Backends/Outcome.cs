using LoadBalancing.Client.Backends;

namespace LoadBalancing.Client;

/// <summary>
/// How an attempt went, as whoever holds the lease reports it. The default value says nothing about the backend.
/// </summary>
public readonly record struct Outcome
{
    /// <summary>The <see cref="ErrorType"/> of attempts that took too long.</summary>
    internal const string TimeoutError = "timeout";

    private Outcome(OutcomeKind kind) => Kind = kind;

    /// <summary>The backend answered as it should.</summary>
    public static Outcome Succeeded => new(OutcomeKind.Succeeded);

    /// <summary>The backend failed: an error status of its own, a broken protocol or connection, or our own timeout.</summary>
    public static Outcome Failed => new(OutcomeKind.Failed);

    /// <summary>No connection could be made: refused, unreachable, DNS, TLS, or the connect timeout.</summary>
    public static Outcome ConnectFailed => new(OutcomeKind.ConnectFailed);

    /// <summary>The caller gave up before the attempt ended. Not a failure of the backend.</summary>
    public static Outcome Canceled => new(OutcomeKind.Canceled);

    /// <summary>What the attempt says about its backend. The default value is <see cref="OutcomeKind.None"/>.</summary>
    public OutcomeKind Kind { get; }

    /// <summary>Time to the response headers. The default value, <see langword="null"/>, means: measured from the pick.</summary>
    public TimeSpan? Latency { get; init; }

    /// <summary>Bytes of the response body that were read. The default value is 0.</summary>
    public long Bytes { get; init; }

    /// <summary>
    /// What kind of failure, in the words of OpenTelemetry's <c>error.type</c>: a status code, or a short name such as <c>timeout</c>.
    /// The default value is <see langword="null"/>. Keep the number of distinct values small: it becomes a metric tag. A status code (of gRPC: its name) and <c>timeout</c> count as evidence each; of other failures, those that come together from attempts
    /// that ran side by side count once, as when a connection that they share is lost.
    /// </summary>
    public string? ErrorType { get; init; }

    /// <summary>Whether others may have failed of the same cause at the same time, such as the loss of the connection that they shared. An answer and a timeout are the attempt's own.</summary>
    internal bool MayBeShared => Kind == OutcomeKind.Failed && ErrorType is not ([>= '0' and <= '9', ..] or TimeoutError) && !GrpcStatus.IsFailure(ErrorType);

    /// <summary>Whether the attempt counts against the backend.</summary>
    public bool IsFailure => Kind is OutcomeKind.Failed or OutcomeKind.ConnectFailed;
}
