using System.Globalization;

namespace LoadBalancing.Client.Backends;

/// <summary>The status codes of gRPC by name. Source: grpc/doc/statuscodes.md.</summary>
internal static class GrpcStatus
{
    /// <summary>Among the trailers, or, where there is no body, the headers.</summary>
    public const string HeaderName = "grpc-status";

    public const string Cancelled = "CANCELLED";
    public const string DeadlineExceeded = "DEADLINE_EXCEEDED";
    public const string Internal = "INTERNAL";
    public const string PermissionDenied = "PERMISSION_DENIED";
    public const string ResourceExhausted = "RESOURCE_EXHAUSTED";
    public const string Unauthenticated = "UNAUTHENTICATED";
    public const string Unavailable = "UNAVAILABLE";
    public const string Unimplemented = "UNIMPLEMENTED";
    public const string Unknown = "UNKNOWN";
    public const string DataLoss = "DATA_LOSS";

    private static readonly string[] Names =
    [
        "OK", Cancelled, Unknown, "INVALID_ARGUMENT", DeadlineExceeded, "NOT_FOUND", "ALREADY_EXISTS", PermissionDenied, ResourceExhausted,
        "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", Unimplemented, Internal, Unavailable, DataLoss, Unauthenticated,
    ];

    /// <summary>The name of what a <c>grpc-status</c> header says. What is no code, or none of those that there are, is <c>UNKNOWN</c>, as it is for every client.</summary>
    public static string NameOf(string? header) =>
        int.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out int code) && code < Names.Length ? Names[code] : Unknown;

    /// <summary>The name of the code that stands for an answer without a status. Source: grpc/doc/http-grpc-status-mapping.md.</summary>
    public static string NameOfHttpStatus(int status) => status switch
    {
        400 => Internal,
        401 => Unauthenticated,
        403 => PermissionDenied,
        404 => Unimplemented,
        429 or 502 or 503 or 504 => Unavailable,
        _ => Unknown,
    };

    /// <summary>Whether an answer with the code of this name counts against the backend.</summary>
    public static bool IsFailure(string? name) => name is Unavailable or Internal or Unknown or DataLoss or ResourceExhausted or DeadlineExceeded;
}
