namespace LoadBalancing.Client.Balancing.Zones;

/// <summary>One zone of a tier.</summary>
/// <param name="Name"><c>region/zone</c>, or what is known of it.</param>
/// <param name="Share">Its share of the tier's load, from 0 to 1.</param>
/// <param name="Backends">Its backends: a pool of its own.</param>
internal sealed record ZoneShare(string Name, double Share, BackendSet Backends);
