using System.Globalization;
using LoadBalancing.Client.Hashing;
using LoadBalancing.Client.Policies.Consistent;

namespace LoadBalancing.Client;

/// <summary>
/// A key stays with its backend, by a ketama ring: each backend owns many points on a circle of hashes, and a key belongs to the first point at or after its own hash. A backend that comes or goes moves only
/// the keys that it wins or loses, as long as the points per backend stay the same. A request without a hash is picked at random.
/// </summary>
/// <remarks>
/// <para>
/// Points are XXH64(<c>"{host:port}_{i}"</c>) with seed 0 for i = 0, 1, …, of the backend's address (a base path follows the port, where there is one, and <c>#id</c>, where another backend has the same address
/// and an id that sorts before), in proportion to <see cref="Backend.Weight"/>, over all backends of a priority tier whose weight is not 0. Envoy computes the same ring from the same list, but for a point more or
/// less where its running sum is off by a rounding. Slow start has no effect on keys.
/// </para>
/// <para>
/// The spread is uneven by nature: with p points for each backend, shares differ by about 1/√p (standard deviation, relative to the mean). For an even spread give each 100 points or more: a
/// <see cref="MinRingSize"/> of at least 100 × the number of backends. <see cref="MaglevPolicy"/> is more even and faster; the ring moves fewer keys.
/// </para>
/// <para>Sources: D. Karger et al., "Consistent Hashing and Random Trees" (1997); libketama (2007); Envoy, "Ring hash".</para>
/// </remarks>
public sealed class RingHashPolicy : LoadBalancingPolicy
{
    internal const int LargestRing = 8_388_608;

    /// <inheritdoc/>
    public override string Name => "ring_hash";

    /// <inheritdoc/>
    public override string Description => string.Create(
        CultureInfo.InvariantCulture,
        $"the next point on a ring of {MinRingSize} points or more{BoundedLoads.Describe(BoundedLoadFactor)}");

    /// <summary>
    /// The least number of points, as long as <see cref="MaxRingSize"/> allows; from 1 to 8,388,608. The default value is 1024. It is rounded up so that the lightest backend has a whole number of points, one at least.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int MinRingSize
    {
        get;
        init => field = CheckSize(value, nameof(MinRingSize));
    } = 1024;

    /// <summary>
    /// The largest number of points; from 1 to 8,388,608, and not below <see cref="MinRingSize"/>. The default value is 8,388,608. A point takes about 20 bytes.
    /// A ring with fewer points than backends leaves some of them without keys.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int MaxRingSize
    {
        get;
        init => field = CheckSize(value, nameof(MaxRingSize));
    } = LargestRing;

    /// <summary>
    /// How far above its fair share of the attempts in flight a backend may go, c: 1 or more, for example 1.25; a key whose backend is at its bound goes on to the next. The default value,
    /// <see langword="null"/>, and 0 mean: no bound. A backend accepts while its in-flight is below ceil(c × (total + 1) × share), where share is its weight among the eligible ones and total is what is in flight
    /// on the tier from this process; threads that pick at the same moment may exceed that by one each. A request that excludes backends goes beyond the bound rather than repeat one.
    /// Source: V. Mirrokni, M. Thorup, M. Zadimoghaddam, "Consistent Hashing with Bounded Loads" (2018).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not 0, and below 1 or not finite.</exception>
    public double? BoundedLoadFactor
    {
        get;
        init => field = BoundedLoads.Check(value, nameof(BoundedLoadFactor));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><see cref="MinRingSize"/> is above <see cref="MaxRingSize"/>.</exception>
    public override PickerFactory CreateFactory(PolicyContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return MinRingSize <= MaxRingSize
            ? new Factory(context, this)
            : throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"MinRingSize = {MinRingSize} must not be above MaxRingSize = {MaxRingSize}."));
    }

    private static int CheckSize(int value, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, LargestRing, name);
        return value;
    }

    private sealed class Factory(PolicyContext context, RingHashPolicy policy) : TableFactory<HashRing>(context, policy.Name, policy.BoundedLoadFactor)
    {
        protected override HashRing Build(ReadOnlySpan<WeightedKey> keys) => HashRing.Build(keys, policy.MinRingSize, policy.MaxRingSize);
    }
}
