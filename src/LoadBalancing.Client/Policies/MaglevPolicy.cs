using System.Globalization;
using LoadBalancing.Client.Hashing;
using LoadBalancing.Client.Policies.Consistent;
using LoadBalancing.Client.Telemetry;

namespace LoadBalancing.Client;

/// <summary>
/// A key stays with its backend, by a Maglev table: a look-up is one division and two reads, and the spread is nearly perfect. A backend that comes or goes moves its own keys and a few others (about 1 % with
/// 100 backends in a table of 65,537); one that is only ineligible for a while moves none but its own. A request without a hash is picked at random.
/// </summary>
/// <remarks>
/// <para>
/// The table is over all backends of a priority tier whose weight is not 0, in proportion to <see cref="Backend.Weight"/>; keys are <c>host:port</c> of the backend's address (a base path follows the port, where there
/// is one, and <c>#id</c>, where another backend has the same address and an id that sorts before), sorted, with offset = XXH64(key) mod M and skip = XXH64(key, seed 1) mod (M − 1) + 1. Envoy computes the same table. Slow start has no effect on keys.
/// An ineligible backend is walked past for at most 32 slots; after that a remix of the hash chooses among the eligible ones.
/// </para>
/// <para>The name <c>ip_hash</c> in configuration is this policy with the client's address as the key; in code, over HTTP, that is <c>HashOn(key => key.ClientAddress())</c> beside this policy.</para>
/// <para>Sources: D. Eisenbud et al., "Maglev: A Fast and Reliable Software Network Load Balancer" (NSDI 2016); Envoy, "Maglev".</para>
/// </remarks>
public sealed class MaglevPolicy : LoadBalancingPolicy
{
    /// <inheritdoc/>
    public override string Name => NameInConfiguration;

    /// <inheritdoc/>
    public override string Description => string.Create(
        CultureInfo.InvariantCulture,
        $"the hash's slot in a table of {TableSize}{BoundedLoads.Describe(BoundedLoadFactor)}");

    /// <summary>
    /// The number of slots, M: a prime from 2 to 5,000,011. The default value is 65,537. Two bytes each. For an even spread take 100 times the number of backends or more.
    /// A table serves as many backends as it has slots, and at most 65,536; those that sort last beyond that own no keys, which is said in the log.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a prime in that range.</exception>
    public int TableSize
    {
        get;
        init => field = MaglevTable.IsValidSize(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(TableSize), value, $"The size of a Maglev table {SizeRequirement}.");
    } = MaglevTable.DefaultSize;

    /// <inheritdoc cref="RingHashPolicy.BoundedLoadFactor"/>
    public double? BoundedLoadFactor
    {
        get;
        init => field = BoundedLoads.Check(value, nameof(BoundedLoadFactor));
    }

    /// <summary>What a size must be, for messages.</summary>
    internal static string SizeRequirement { get; } = string.Create(CultureInfo.InvariantCulture, $"must be a prime from 2 to {MaglevTable.LargestSize}, for example 65537");

    /// <summary>The name it goes by: <c>ip_hash</c> is this policy with the client's address as the key.</summary>
    internal string NameInConfiguration { get; init; } = "maglev";

    /// <inheritdoc/>
    public override PickerFactory CreateFactory(PolicyContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new Factory(context, this);
    }

    private sealed class Factory(PolicyContext context, MaglevPolicy policy) : TableFactory<MaglevTable>(context, policy.Name, policy.BoundedLoadFactor)
    {
        protected override MaglevTable Build(ReadOnlySpan<WeightedKey> keys)
        {
            int places = Math.Min(policy.TableSize, MaglevTable.MostKeys);
            if (keys.Length > places)
            {
                Log.TableTooSmall(Context.Logger, Context.ServiceName, PolicyName, keys.Length, places, keys.Length - places);
            }

            return MaglevTable.Build(keys, policy.TableSize);
        }
    }
}
