using System.Globalization;

namespace LoadBalancing.Client;

/// <summary>
/// Whether traffic stays in the caller's own zone, as far as the zone's share of the backends allows. Off by default; needs the caller's locality (<see cref="BalancerOptions.Locality"/>).
/// Source: Envoy, zone aware routing.
/// </summary>
public sealed record ZoneAwareOptions
{
    /// <summary>Whether zones play a part. The default value is <see langword="false"/>.</summary>
    public bool Enabled { get; set; }

    /// <summary>With fewer eligible backends than these, a priority tier is not split by zone: a zone of one or two would be overloaded at once. 0 or more. The default value is 6.</summary>
    public int MinBackends { get; set; } = 6;

    /// <summary>
    /// How the callers of the service are spread over the zones: numbers relative to each other, 0 or more, by name of the zone (<c>region/zone</c> where two regions have zones of the same name). Zones that are not
    /// named have no callers. The default value is empty: callers are spread evenly over the zones that have backends.
    /// </summary>
    public IReadOnlyDictionary<string, double> CallerShares { get; set; } = new Dictionary<string, double>(StringComparer.Ordinal);

    /// <summary>What is wrong, each with key, value and what is allowed.</summary>
    internal IEnumerable<string> FindProblems()
    {
        if (MinBackends < 0)
        {
            yield return $"ZoneAware:MinBackends = \"{MinBackends}\": must be 0 or more";
        }

        if (CallerShares is null)
        {
            yield return "ZoneAware:CallerShares: must not be null";
            yield break;
        }

        foreach ((string zone, double share) in CallerShares)
        {
            if (!(double.IsFinite(share) && share >= 0))
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"ZoneAware:CallerShares:{zone} = \"{share}\": must be a finite number, 0 or more");
            }
        }

        if (CallerShares.Count > 0 && CallerShares.Values.All(share => share == 0))
        {
            yield return "ZoneAware:CallerShares: must have a share above 0";
        }
    }
}
