using LoadBalancing.Client.Health.Probing;

namespace LoadBalancing.Client.DependencyInjection.Configuration;

/// <summary>Reads the sections that say how a balancer finds out which backends work.</summary>
internal static class HealthSectionReader
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    public static void Read(SectionReader section, BalancerOptions options)
    {
        ReadPart(section, "HealthChecks", part => ReadHealthChecks(part, options.ActiveHealthChecks));
        ReadPart(section, "CircuitBreaker", part => ReadCircuitBreaker(part, options.CircuitBreaker));
        ReadPart(section, "OutlierDetection", part => ReadOutlierDetection(part, options.OutlierDetection));
        ReadPart(section, "ZoneAware", part => ReadZoneAware(part, options.ZoneAware));
        options.Locality = BackendsReader.ReadLocality(section) ?? options.Locality;
        ReadPart(section, "SlowStart", part => ReadSlowStart(part, options.SlowStart));
        ReadPart(section, "ServiceLevel", part => ReadServiceLevel(part, options.ServiceLevel));
    }

    private static void ReadPart(SectionReader section, string key, Action<SectionReader> read)
    {
        if (section.ReadSection(key) is { } part)
        {
            read(part);
            part.RefuseUnknownKeys();
        }
    }

    private static void ReadServiceLevel(SectionReader section, ServiceLevelOptions options)
    {
        options.ReducedBelow = section.ReadDouble("ReducedBelow", 0, 1) ?? options.ReducedBelow;
        options.CriticalBelow = section.ReadDouble("CriticalBelow", 0, options.ReducedBelow) ?? options.CriticalBelow;
        if (!section.IsSet("CriticalBelow"))
        {
            // What nobody has set follows what somebody has.
            options.CriticalBelow = Math.Min(options.CriticalBelow, options.ReducedBelow);
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
        if (!section.IsSet("BreakDuration") && options.BreakDuration > options.MaxBreakDuration)
        {
            // What nobody has set follows what somebody has.
            options.BreakDuration = options.MaxBreakDuration;
        }

        options.Jitter = section.ReadDouble("Jitter", 0, 1) ?? options.Jitter;
        options.HalfOpenPermits = section.ReadInt32("HalfOpenPermits", 1, 1000) ?? options.HalfOpenPermits;
        options.PermitTimeout = section.ReadTimeSpan("PermitTimeout", Shortest, Longest) ?? options.PermitTimeout;
        options.SuccessesToClose = section.ReadInt32("SuccessesToClose", 1) ?? options.SuccessesToClose;
    }

    private static void ReadOutlierDetection(SectionReader section, OutlierDetectionOptions options)
    {
        options.Enabled = section.ReadEnabled() ?? options.Enabled;
        options.ConsecutiveFailures = section.ReadInt32("ConsecutiveFailures", 0) ?? options.ConsecutiveFailures;
        options.Interval = section.ReadTimeSpan("Interval", TimeSpan.FromMilliseconds(100), Longest) ?? options.Interval;
        options.MaxEjectionTime = section.ReadTimeSpan("MaxEjectionTime", Shortest, Longest) ?? options.MaxEjectionTime;
        options.BaseEjectionTime = section.ReadTimeSpan("BaseEjectionTime", Shortest, options.MaxEjectionTime) ?? options.BaseEjectionTime;
        if (!section.IsSet("BaseEjectionTime") && options.BaseEjectionTime > options.MaxEjectionTime)
        {
            options.BaseEjectionTime = options.MaxEjectionTime;
        }

        options.MaxEjectionTimeJitter = section.ReadTimeSpan("MaxEjectionTimeJitter", TimeSpan.Zero, Longest) ?? options.MaxEjectionTimeJitter;
        options.MaxEjectionPercent = section.ReadInt32("MaxEjectionPercent", 0, 100) ?? options.MaxEjectionPercent;
        ReadPart(section, "SuccessRate", part => ReadSuccessRate(part, options.SuccessRate));
        ReadPart(section, "FailurePercentage", part => ReadFailurePercentage(part, options.FailurePercentage));
    }

    private static void ReadSuccessRate(SectionReader section, SuccessRateEjectionOptions options)
    {
        options.Enabled = section.ReadEnabled() ?? options.Enabled;
        options.StdevFactor = section.ReadDouble("StdevFactor", 0, 100) ?? options.StdevFactor;
        options.MinimumHosts = section.ReadInt32("MinimumHosts", 1) ?? options.MinimumHosts;
        options.RequestVolume = section.ReadInt32("RequestVolume", 1) ?? options.RequestVolume;
    }

    private static void ReadFailurePercentage(SectionReader section, FailurePercentageEjectionOptions options)
    {
        options.Enabled = section.ReadEnabled() ?? options.Enabled;
        options.Threshold = section.ReadInt32("Threshold", 1, 100) ?? options.Threshold;
        options.MinimumHosts = section.ReadInt32("MinimumHosts", 1) ?? options.MinimumHosts;
        options.RequestVolume = section.ReadInt32("RequestVolume", 1) ?? options.RequestVolume;
    }

    private static void ReadZoneAware(SectionReader section, ZoneAwareOptions options)
    {
        options.Enabled = section.ReadEnabled() ?? options.Enabled;
        options.MinBackends = section.ReadInt32("MinBackends", 0) ?? options.MinBackends;
        if (section.ReadSection("CallerShares", "must be a section of zones and numbers") is not { } shares)
        {
            return;
        }

        options.CallerShares = shares.Keys.Select(zone => (Zone: zone, Share: shares.ReadDouble(zone, 0)))
            .Where(entry => entry.Share is not null)
            .ToDictionary(entry => entry.Zone, entry => entry.Share!.Value, StringComparer.Ordinal);
        if (options.CallerShares.Count > 0 && options.CallerShares.Values.All(share => share == 0))
        {
            section.Report("CallerShares", "must have a share above 0");
        }
    }

    private static void ReadSlowStart(SectionReader section, SlowStartOptions options)
    {
        options.Enabled = section.ReadEnabled() ?? options.Enabled;
        options.Window = section.ReadTimeSpan("Window", SlowStartOptions.ShortestWindow, SlowStartOptions.LongestWindow) ?? options.Window;
        options.Aggression = section.ReadDouble("Aggression", SlowStartOptions.LeastAggression, SlowStartOptions.MostAggression) ?? options.Aggression;
        options.MinWeight = section.ReadDouble("MinWeight", SlowStartOptions.LeastMinWeight, 1) ?? options.MinWeight;
    }
}
