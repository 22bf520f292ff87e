using System.Globalization;
using LoadBalancing.Client.Balancing.Tiers;
using LoadBalancing.Client.Balancing.Zones;

namespace LoadBalancing.Client.Balancing;

/// <summary>The words for where a backend stands in the tree of tiers and zones.</summary>
internal static class PlaceText
{
    /// <summary>The tier and the zone of a backend with the shares that they take, where there is anything to tell apart.</summary>
    public static IEnumerable<string> Describe(Snapshot snapshot, BackendState backend)
    {
        if (TierOf(snapshot, backend) is not { } tier)
        {
            yield break;
        }

        if (tier.Load > 0 && snapshot.Tiers.Count > 1)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"priority {tier.Priority} takes {tier.Load} %");
        }

        if (tier.FailsOpen)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"priority {tier.Priority} panics");
        }

        if (ZoneOf(tier, backend) is { Share: > 0 } zone)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"zone {NameOf(zone)} takes {zone.Share * 100:0.#} %{(snapshot.Tiers.Count > 1 ? " of that" : "")}");
        }
    }

    public static TierView? TierOf(Snapshot snapshot, BackendState backend)
    {
        int priority = backend.Description.Priority;
        return snapshot.Tiers.FirstOrDefault(tier => tier.Priority == priority);
    }

    /// <summary>The zone of a backend, where shares of zones decide.</summary>
    public static ZoneShare? ZoneOf(TierView? tier, BackendState backend) => tier?.Zones is { IsInForce: true } zones ? zones.Find(backend) : null;

    public static string NameOf(ZoneShare? zone) => zone is { Name.Length: > 0 } known ? known.Name : "unknown";
}
