using System.Globalization;
using LoadBalancing.Client.Load;
using LoadBalancing.Client.Policies;

namespace LoadBalancing.Client;

/// <summary>
/// Of a few distinct backends, drawn at random in proportion to weight, the one that sends the fewest bytes per second per weight; where they send the same, the one with the fewest attempts in flight.
/// For downloads and streams of very different sizes. Bytes count when an attempt completes.
/// </summary>
/// <remarks>
/// An attempt that fails, or is canceled before its answer, counts as an ordinary one of the pool (the mean of about the last thousand), on top of the pool's mean at least: errors cost a backend as much as work does,
/// so sending nothing but errors does not make it attractive. While nobody has sent anything, in-flight alone decides.
/// Rates that differ by less than 0.1 % are equal, and so are all of less than a byte in the window. A pick reads no clock.
/// Source: our own: the two choices of <see cref="LeastRequestPolicy"/>, by the measure of NetScaler's least bandwidth method.
/// </remarks>
public sealed class LeastBandwidthPolicy : LoadBalancingPolicy
{
    internal static readonly TimeSpan ShortestWindow = TimeSpan.FromMilliseconds(100);
    internal static readonly TimeSpan LongestWindow = TimeSpan.FromDays(1);

    private const int RefreshesPerWindow = 100;

    /// <inheritdoc/>
    public override string Name => "least_bandwidth";

    /// <inheritdoc/>
    public override string Description => string.Create(CultureInfo.InvariantCulture, $"the fewest bytes per second of {ChoiceCount}, drawn by weight");

    /// <summary>The time in which what was sent is forgotten to 37 %. From 100 ms to 1 day. The default value is 10 seconds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside of its range.</exception>
    public TimeSpan Window
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, ShortestWindow, nameof(Window));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, LongestWindow, nameof(Window));
            field = value;
        }
    } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How many distinct backends to compare; at least 1, which is at random. The default value is 2. As many as there are eligible backends, or more, compares all, and so does any number above 64:
    /// ties are then broken at random, in proportion to weight, and the cost grows with the number of backends.
    /// Keep it small: bytes count when an attempt completes, and until then all others go to the least of all, too.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is below 1.</exception>
    public int ChoiceCount
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(ChoiceCount));
            field = value;
        }
    } = 2;

    /// <inheritdoc/>
    public override PickerFactory CreateFactory(PolicyContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        PeriodicRefresh refresh = new(context.TimeProvider, Window / RefreshesPerWindow);
        return new LoadMetricFactory<BandwidthLoad, Bandwidth>(
            context.Random,
            ChoiceCount,
            _ => new Bandwidth(context.TimeProvider, Window, refresh),
            (backends, bandwidths) =>
            {
                // The picker holds the metric, and the metric the pool.
                double[]? inverseWeights = RelativeWeights.Inverse(backends);
                double[]? lnInverseWeights = inverseWeights is null ? null : Array.ConvertAll(inverseWeights, Math.Log);
                PoolBandwidth pool = new(bandwidths, lnInverseWeights, context.TimeProvider.GetTimestamp(), isWhole: backends.Viewer is null);
                refresh.Add(backends.Pool, pool, backends.Viewer);
                return new BandwidthLoad(backends, inverseWeights, pool);
            });
    }
}
