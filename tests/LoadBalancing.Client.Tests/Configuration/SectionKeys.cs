namespace LoadBalancing.Client.Tests.Configuration;

/// <summary>What a balancer's section may say, as errors list it.</summary>
internal static class SectionKeys
{
    public const string OfTheEngine = "Backends, CircuitBreaker, Dns, FailClosed, FirstBackendsTimeout, HealthChecks, Locality, OutlierDetection, PanicThreshold, Policy, PolicyOptions, ServiceLevel, SlowStart, SubsetSize, Telemetry, ZoneAware";
}
