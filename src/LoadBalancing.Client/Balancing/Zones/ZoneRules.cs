using LoadBalancing.Client.Balancing.Tiers;

namespace LoadBalancing.Client.Balancing.Zones;

/// <summary>Splits a tier by zone, as seen from the caller's zone.</summary>
internal sealed class ZoneRules : IComparer<string>
{
    private readonly Locality _caller;
    private readonly int _minBackends;
    private readonly Dictionary<string, double>? _callerShares;
    private readonly string _callerName;

    private ZoneRules(ZoneAwareOptions options, Locality caller)
    {
        _caller = caller;
        _callerName = NameOf(caller);
        _minBackends = options.MinBackends;
        if (options.CallerShares is { Count: > 0 } shares)
        {
            double largest = shares.Values.Max();
            double total = shares.Values.Sum(share => share / largest);
            _callerShares = shares.ToDictionary(share => share.Key, share => share.Value / largest / total, StringComparer.Ordinal);
        }
    }

    /// <summary>The rules, if zones play a part at all.</summary>
    public static ZoneRules? Create(ZoneAwareOptions options, Locality caller) => options.Enabled && caller.Zone.Length > 0 ? new ZoneRules(options, caller) : null;

    /// <summary>Whether the backend is in the caller's zone. Zones of two regions may have the same name; a region that one of both does not know does not part them.</summary>
    public bool IsLocal(BackendState backend) => IsLocal(backend.Description.Locality);

    /// <summary>The name of the backend's zone: <c>region/zone</c>, or what is known of it; empty for an unknown one.</summary>
    public string NameOf(BackendState backend) => NameOf(backend.Description);

    /// <inheritdoc cref="NameOf(BackendState)"/>
    public string NameOf(Backend backend) => IsLocal(backend.Locality) ? _callerName : NameOf(backend.Locality);

    /// <summary>The names of all zones that the backends are in.</summary>
    public IEnumerable<string> NamesOf(Census census) => census.Backends.Select(NameOf).Distinct(StringComparer.Ordinal);

    /// <summary>Spreads a tier over zones.</summary>
    /// <param name="tier">The tier.</param>
    /// <param name="pools">Numbers the zones.</param>
    /// <param name="keepsKeys">Whether keys must not move between zones because of a slow start.</param>
    /// <returns>Nothing when the tier is too small for it.</returns>
    public ZoneSplit? Split(Tier tier, PoolNumbers pools, bool keepsKeys)
    {
        if (tier.Census.PickableCount == 0 || tier.Census.PickableCount < _minBackends)
        {
            return null;
        }

        // In the same order for every caller of the zone, or the same key would go to different zones.
        (string Name, Census Census)[] zones = tier.Census.GroupBy(NameOf, this);
        double largest = tier.Census.Backends.Max(backend => backend.Description.Weight);
        double[] weights = Array.ConvertAll(zones, zone => EligibleWeight(zone.Census, keepsKeys, largest));
        bool isInForce = IsCallers(zones[0].Name) && zones[0].Census.PickableCount > 0;
        double[] shares = isInForce ? ZoneLoad.Spread(weights, CallersIn(zones)) : weights;
        return new ZoneSplit(this, isInForce, [.. zones.Select((zone, index) =>
            new ZoneShare(zone.Name, shares[index], zone.Census.ToSet(pools.Of(tier.Priority, zone.Name), failsOpen: false)))]);
    }

    /// <summary>The caller's own zone comes first, the others by name.</summary>
    int IComparer<string>.Compare(string? x, string? y) => (IsCallers(x), IsCallers(y)) switch
    {
        (true, false) => -1,
        (false, true) => 1,
        _ => string.CompareOrdinal(x, y),
    };

    private bool IsCallers(string? name) => string.Equals(name, _callerName, StringComparison.Ordinal);

    private static string NameOf(Locality place) => place.Region.Length == 0 || place.Zone.Length == 0 ? place.Zone : $"{place.Region}/{place.Zone}";

    private bool IsLocal(Locality place) =>
        string.Equals(place.Zone, _caller.Zone, StringComparison.Ordinal)
            && (place.Region.Length == 0 || _caller.Region.Length == 0 || string.Equals(place.Region, _caller.Region, StringComparison.Ordinal));

    /// <summary>Relative to the largest weight, or sums may not be finite.</summary>
    private static double EligibleWeight(Census zone, bool keepsKeys, double largest) =>
        Enumerable.Range(0, zone.Backends.Length).Where(index => zone.IsPickable(index, failsOpen: false)).Sum(index => (keepsKeys ? zone.Backends[index].Description.Weight : zone.EffectiveWeight(index)) / largest);

    /// <summary>Evenly over the zones that have backends, whatever health says, unless it was said otherwise. Nobody calls from an unknown zone.</summary>
    private double[] CallersIn((string Name, Census Census)[] zones)
    {
        if (_callerShares is { } shares)
        {
            return Array.ConvertAll(zones, zone => shares.GetValueOrDefault(zone.Name, shares.GetValueOrDefault(zone.Name[(zone.Name.IndexOf('/', StringComparison.Ordinal) + 1)..])));
        }

        double each = 1.0 / zones.Count(IsPopulated);
        return Array.ConvertAll(zones, zone => IsPopulated(zone) ? each : 0);

        static bool IsPopulated((string Name, Census Census) zone) => zone.Name.Length > 0 && zone.Census.UsableCount > 0;
    }
}
