namespace LoadBalancing.Client;

/// <summary>Attempts in words, as parts of a message.</summary>
internal static class AttemptHistory
{
    /// <summary>What was tried before the last attempt, with a semicolon in front; empty when nothing was.</summary>
    public static string DescribeBefore(IReadOnlyList<BackendAttempt>? attempts) =>
        attempts is { Count: > 1 } ? $"; before: {string.Join(", ", attempts.Take(attempts.Count - 1))}" : "";

    /// <summary>How long the last attempt took.</summary>
    public static string DescribeLast(IReadOnlyList<BackendAttempt>? attempts) => attempts is { Count: > 0 } ? BackendAttempt.Describe(attempts[^1].Elapsed) : "";
}
