namespace LoadBalancing.Client.DependencyInjection.Configuration;

/// <summary>Reads the sections that say how a balancer finds out which backends work.</summary>
internal static class HealthSectionReader
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    public static void Read(SectionReader section, BalancerOptions options)
    {
        if (section.ReadSection("CircuitBreaker") is { } circuitBreaker)
        {
            ReadCircuitBreaker(circuitBreaker, options.CircuitBreaker);
            circuitBreaker.RefuseUnknownKeys();
        }
    }

    private static void ReadCircuitBreaker(SectionReader section, CircuitBreakerOptions options)
    {
        options.Enabled = section.ReadEnabled() ?? options.Enabled;
        options.ConsecutiveFailures = section.ReadInt32("ConsecutiveFailures", 1) ?? options.ConsecutiveFailures;
        options.FailureRatio = section.ReadDouble("FailureRatio", 0.001, 1) ?? options.FailureRatio;
        options.MinimumThroughput = section.ReadInt32("MinimumThroughput", 1) ?? options.MinimumThroughput;
        options.SamplingDuration = section.ReadTimeSpan("SamplingDuration", TimeSpan.FromMilliseconds(500), Longest) ?? options.SamplingDuration;
        options.MaxBreakDuration = section.ReadTimeSpan("MaxBreakDuration", Shortest, Longest) ?? options.MaxBreakDuration;
        options.BreakDuration = section.ReadTimeSpan("BreakDuration", Shortest, options.MaxBreakDuration) ?? options.BreakDuration;
        options.Jitter = section.ReadDouble("Jitter", 0, 1) ?? options.Jitter;
        options.HalfOpenPermits = section.ReadInt32("HalfOpenPermits", 1, 1000) ?? options.HalfOpenPermits;
        options.PermitTimeout = section.ReadTimeSpan("PermitTimeout", Shortest, Longest) ?? options.PermitTimeout;
        options.SuccessesToClose = section.ReadInt32("SuccessesToClose", 1) ?? options.SuccessesToClose;
    }

    /// <summary>Whether a feature is to be on: what <c>Enabled</c> says, or else yes, when the section sets any key; <see langword="null"/> when the section says nothing.</summary>
    private static bool? ReadEnabled(this SectionReader section)
    {
        bool? enabled = section.ReadBoolean("Enabled");
        return enabled ?? (section.Keys.Any() ? true : null);
    }
}
