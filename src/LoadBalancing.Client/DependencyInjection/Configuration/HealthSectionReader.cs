using LoadBalancing.Client.Health.Probing;

namespace LoadBalancing.Client.DependencyInjection.Configuration;

/// <summary>Reads the sections that say how a balancer finds out which backends work.</summary>
internal static class HealthSectionReader
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    public static void Read(SectionReader section, BalancerOptions options)
    {
        if (section.ReadSection("HealthChecks") is { } healthChecks)
        {
            ReadHealthChecks(healthChecks, options.ActiveHealthChecks);
            healthChecks.RefuseUnknownKeys();
        }

        if (section.ReadSection("CircuitBreaker") is { } circuitBreaker)
        {
            ReadCircuitBreaker(circuitBreaker, options.CircuitBreaker);
            circuitBreaker.RefuseUnknownKeys();
        }
    }

    private static void ReadHealthChecks(SectionReader section, ActiveHealthCheckOptions options)
    {
        options.Enabled = section.ReadEnabled() ?? options.Enabled;
        options.Kind = section.ReadChoice("Kind", ("http", ProbeKind.Http), ("tcp", ProbeKind.Tcp), ("grpc", ProbeKind.Grpc)) ?? options.Kind;
        options.Path = Read("Path", ActiveHealthCheckOptions.PathRequirement, ActiveHealthCheckOptions.IsPath) ?? options.Path;
        options.ExpectedStatuses = Read("ExpectedStatuses", ActiveHealthCheckOptions.StatusesRequirement, text => StatusRanges.TryParse(text, out _)) ?? options.ExpectedStatuses;
        options.Address = Read("Address", ActiveHealthCheckOptions.AddressRequirement, text => Uri.CheckHostName(text) != UriHostNameType.Unknown) ?? options.Address;
        options.Port = section.ReadInt32("Port", 1, 65535) ?? options.Port;
        options.Host = Read("Host", ActiveHealthCheckOptions.HostRequirement, Backend.IsHostName) ?? options.Host;
        options.GrpcService = section.ReadText("GrpcService") ?? options.GrpcService;
        options.Interval = section.ReadTimeSpan("Interval", ActiveHealthCheckOptions.ShortestInterval, ActiveHealthCheckOptions.Longest) ?? options.Interval;
        if (section.ReadTimeSpan("Timeout", ActiveHealthCheckOptions.ShortestTimeout, options.Interval) is { } timeout)
        {
            // Not its own value again: unset, it follows the interval.
            options.Timeout = timeout;
        }

        options.UnhealthyThreshold = section.ReadInt32("UnhealthyThreshold", 1, ActiveHealthCheckOptions.HighestThreshold) ?? options.UnhealthyThreshold;
        options.HealthyThreshold = section.ReadInt32("HealthyThreshold", 1, ActiveHealthCheckOptions.HighestThreshold) ?? options.HealthyThreshold;
        options.InitiallyHealthy = section.ReadBoolean("InitiallyHealthy") ?? options.InitiallyHealthy;
        options.Jitter = section.ReadDouble("Jitter", 0, ActiveHealthCheckOptions.HighestJitter) ?? options.Jitter;
        options.MaxConcurrent = section.ReadInt32("MaxConcurrent", 1, ActiveHealthCheckOptions.HighestConcurrency) ?? options.MaxConcurrent;

        string? Read(string key, string requirement, Func<string, bool> isAllowed) => section.Read<string>(key, requirement, (string text, out string? value) => isAllowed(value = text));
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
