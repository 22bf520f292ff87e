namespace LoadBalancing.Client.Balancing.Zones;

/// <summary>How the load of a tier is spread over zones, for the callers of one zone. Immutable.</summary>
/// <param name="Rules">Know which zone a backend is in.</param>
/// <param name="IsInForce">Whether the shares decide. They do not when the caller's own zone has nobody eligible: the tier is then one pool.</param>
/// <param name="Zones">The zones, the caller's own first.</param>
internal sealed record ZoneSplit(ZoneRules Rules, bool IsInForce, IReadOnlyList<ZoneShare> Zones)
{
    public bool IsLocal(BackendState backend) => Rules.IsLocal(backend);

    public ZoneShare? Find(BackendState backend)
    {
        string name = Rules.NameOf(backend);
        return Zones.FirstOrDefault(zone => string.Equals(zone.Name, name, StringComparison.Ordinal));
    }
}
