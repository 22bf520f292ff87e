using LoadBalancing.Client.Balancing.Zones;

namespace LoadBalancing.Client.Balancing;

/// <summary>What the options say about who may be picked when not all can.</summary>
/// <param name="PanicThreshold">A tier whose eligible share is below this fails open, when the tiers together are not healthy enough.</param>
/// <param name="FailClosed">Whether none ever does.</param>
/// <param name="Zones">How traffic stays in the caller's zone; <see langword="null"/> when that is off.</param>
/// <param name="Levels">Where the service level changes.</param>
internal sealed record AvailabilityRules(double PanicThreshold, bool FailClosed, ZoneRules? Zones, ServiceLevelOptions Levels)
{
    /// <summary>What the options say.</summary>
    /// <param name="options">The options.</param>
    /// <param name="whereabouts">Where the process runs, for options that do not say it.</param>
    public static AvailabilityRules Create(BalancerOptions options, Locality whereabouts) => new(
        options.PanicThreshold,
        options.FailClosed,
        ZoneRules.Create(options.ZoneAware, options.Locality == default ? whereabouts : options.Locality),
        options.ServiceLevel with { });
}
