namespace LoadBalancing.Client.Backends;

/// <summary>The words for what keeps a backend out, the same in logs, metrics and explanations.</summary>
internal static class AvailabilityText
{
    public const string Eligible = "eligible";
    public const string ZeroWeight = "zero_weight";
    public const string OutsideSubset = "outside_subset";

    /// <summary>From the most deliberate to the least.</summary>
    private static readonly (Unavailability Flag, string Text)[] Flags =
    [
        (Unavailability.Isolated, "isolated"),
        (Unavailability.Draining, "draining"),
        (Unavailability.CircuitOpen, "circuit_open"),
        (Unavailability.Ejected, "ejected"),
        (Unavailability.ProbeFailed, "probe_failed"),
    ];

    /// <summary>All reasons, or <c>eligible</c>.</summary>
    public static string Of(Unavailability unavailability) =>
        unavailability == Unavailability.None ? Eligible : string.Join(", ", ReasonsOf(unavailability).Select(reason => reason.Text));

    /// <summary>The most deliberate reason, <c>zero_weight</c>, or <c>eligible</c>.</summary>
    public static string Of(BackendState backend) =>
        ReasonsOf(backend.Unavailability).Select(reason => reason.Text).FirstOrDefault() ?? (backend.Description.Weight > 0 ? Eligible : ZeroWeight);

    public static string Of(CircuitState state) => state switch
    {
        CircuitState.Closed => "closed",
        CircuitState.Open => "open",
        CircuitState.HalfOpen => "half_open",
        _ => "isolated",
    };

    /// <summary>The flags that are set, and the word for each.</summary>
    public static IEnumerable<(Unavailability Flag, string Text)> ReasonsOf(Unavailability unavailability) => Flags.Where(entry => (unavailability & entry.Flag) != 0);
}
