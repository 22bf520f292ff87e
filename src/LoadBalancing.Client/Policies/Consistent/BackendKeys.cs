using System.Globalization;
using LoadBalancing.Client.Hashing;
using LoadBalancing.Client.Telemetry;

namespace LoadBalancing.Client.Policies.Consistent;

/// <summary>
/// How backends are named in hash tables: <c>host:port</c> of the address, whatever the id, so that everyone who balances over the same addresses computes the same tables, Envoy included.
/// A base path follows, where there is one: several backends behind one host and port then own keys each. Where several have even that in common, all but the one whose id sorts first add theirs:
/// <c>host:port#id</c>. Guarded by the balancer's writer lock.
/// </summary>
/// <remarks>Two owners of one name would have the same points on a ring and the same scores, and one of them would never be picked. An address has no fragment, so no other backend is called <c>…#id</c>.</remarks>
internal sealed class BackendKeys(PolicyContext context, string policy)
{
    private bool _isSaid;

    /// <summary>The names of all owners of one pool, in their order; which of them share an address depends on no order.</summary>
    public string[] Of(BackendState[] owners)
    {
        string[] keys = Array.ConvertAll(owners, Name);
        Dictionary<string, string> firstIds = new(keys.Length, StringComparer.Ordinal);
        for (int i = 0; i < keys.Length; i++)
        {
            if (!firstIds.TryAdd(keys[i], owners[i].Id) && string.CompareOrdinal(owners[i].Id, firstIds[keys[i]]) < 0)
            {
                firstIds[keys[i]] = owners[i].Id;
            }
        }

        if (firstIds.Count < keys.Length)
        {
            AddIds(keys, owners, firstIds);
        }

        return keys;
    }

    /// <summary>The same, with the weights of their descriptions: what health, draining and slow start do to a backend does not move its keys.</summary>
    public WeightedKey[] WithWeightsOf(BackendState[] owners)
    {
        string[] keys = Of(owners);
        return [.. owners.Select((backend, index) => new WeightedKey(keys[index], backend.Description.Weight))];
    }

    private static string Name(BackendState backend)
    {
        Uri address = backend.Description.Address;
        string path = address.AbsolutePath.TrimEnd('/');
        return string.Create(CultureInfo.InvariantCulture, $"{address.Host}:{address.Port}{path}");
    }

    private void AddIds(string[] keys, BackendState[] owners, Dictionary<string, string> firstIds)
    {
        string shared = "";
        for (int i = 0; i < keys.Length; i++)
        {
            if (!string.Equals(owners[i].Id, firstIds[keys[i]], StringComparison.Ordinal))
            {
                shared = keys[i];
                keys[i] = $"{keys[i]}#{owners[i].Id}";
            }
        }

        if (!_isSaid)
        {
            _isSaid = true;
            Log.HashKeyShared(context.Logger, context.ServiceName, shared, policy);
        }
    }
}
