using LoadBalancing.Client.DependencyInjection.Configuration;

namespace LoadBalancing.Client.Http.DependencyInjection;

/// <summary>Reads the section <c>Hedging</c>.</summary>
internal static class HedgingSectionReader
{
    public static void Read(SectionReader section, BalancerOptions options)
    {
        if (section.ReadSection("Hedging") is not { } hedging)
        {
            return;
        }

        HedgingOptions target = options.GetFeature<HttpBalancingOptions>().Hedging;
        target.Enabled = hedging.ReadEnabled() ?? target.Enabled;
        target.Delay = hedging.ReadTimeSpan("Delay", HedgingOptions.ShortestDelay, HedgingOptions.LongestDelay) ?? target.Delay;
        target.Percentile = hedging.ReadDouble("Percentile", HedgingOptions.LeastPercentile, HedgingOptions.MostPercentile) ?? target.Percentile;
        target.MinSamples = hedging.ReadInt32("MinSamples", 1) ?? target.MinSamples;
        target.MaxHedges = hedging.ReadInt32("MaxHedges", 1, HedgingOptions.MostHedges) ?? target.MaxHedges;
        hedging.RefuseUnknownKeys();
    }
}
