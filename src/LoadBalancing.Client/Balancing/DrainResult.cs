namespace LoadBalancing.Client;

/// <summary>How a drain ended.</summary>
/// <param name="InFlight">Attempts that still ran at the end; 0 = drained.</param>
/// <param name="Elapsed">How long it took.</param>
public readonly record struct DrainResult(int InFlight, TimeSpan Elapsed)
{
    /// <summary>Whether every attempt finished within the timeout.</summary>
    public bool IsDrained => InFlight == 0;
}
