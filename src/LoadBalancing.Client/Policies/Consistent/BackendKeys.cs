using System.Globalization;
using System.Text;
using LoadBalancing.Client.Hashing;

namespace LoadBalancing.Client.Policies.Consistent;

/// <summary>
/// How a backend is named in hash tables: <c>host:port</c> of its address, whatever its id, so that everyone who balances over the same addresses computes the same tables, Envoy included.
/// A base path follows, where there is one: several backends behind one host and port then own keys each.
/// </summary>
internal static class BackendKeys
{
    public static string Of(Backend backend)
    {
        Uri address = backend.Address;
        string path = address.AbsolutePath.TrimEnd('/');
        return string.Create(CultureInfo.InvariantCulture, $"{address.Host}:{address.Port}{path}");
    }

    public static ulong HashOf(Backend backend) => XxHash64.Hash(Encoding.UTF8.GetBytes(Of(backend)));

    /// <summary>The keys of these backends, with the weights of their descriptions: what health, draining and slow start do to a backend does not move its keys.</summary>
    public static WeightedKey[] Of(BackendState[] backends) =>
        Array.ConvertAll(backends, backend => new WeightedKey(Of(backend.Description), backend.Description.Weight));
}
