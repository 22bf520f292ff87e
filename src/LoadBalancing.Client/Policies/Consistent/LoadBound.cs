using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Hashing;

namespace LoadBalancing.Client.Policies.Consistent;

/// <summary>
/// Bounded loads: a backend accepts while its in-flight is below <c>ceil(c × (total + 1) × share)</c>. The bounds of all sum to at least c × (total + 1), so, as c is 1 or more, at least one accepts.
/// Source: V. Mirrokni, M. Thorup, M. Zadimoghaddam, "Consistent Hashing with Bounded Loads" (2018); Envoy's <c>hash_balance_factor</c> is c in per cent.
/// </summary>
/// <param name="factor">c: how far above its fair share a backend may go; 1 or more.</param>
/// <param name="total">Attempts in flight on the pool.</param>
/// <param name="shares">The share of each owner among the eligible ones; 0 for those that are not.</param>
internal sealed class LoadBound(double factor, InFlightTotal total, double[] shares)
{
    /// <summary>A product that is a whole number but for rounding must not be rounded up to the next one.</summary>
    private const double NotQuiteOne = 1 - 1e-12;

    public long ReadTotal() => Math.Max(0, total.Read());

    /// <summary>The most attempts that owner <paramref name="owner"/> may have in flight while there are <paramref name="inFlight"/> in all, the one to be placed not among them.</summary>
    public double LimitOf(int owner, long inFlight) => Math.Ceiling(factor * (inFlight + 1) * shares[owner] * NotQuiteOne);

    public bool Accepts(BackendState backend, int owner, long inFlight) => backend.InFlight < LimitOf(owner, inFlight);

    /// <summary>In-flight per share: where it is least, the bound is kept whatever the total is.</summary>
    public double LoadOf(BackendState backend, int owner) => shares[owner] > 0 ? backend.InFlight / shares[owner] : double.MaxValue;

    public static double[] Shares(BackendState[] members, BackendState?[] owners)
    {
        double[] weights = new double[owners.Length];
        for (int i = 0; i < members.Length; i++)
        {
            weights[i] = owners[i] is null ? 0 : members[i].Description.Weight;
        }

        return WeightShares.Of(weights);
    }
}
