using System.Globalization;
using LoadBalancing.Client.Load;
using LoadBalancing.Client.Policies;

namespace LoadBalancing.Client;

/// <summary>
/// Of a few distinct backends, drawn at random in proportion to weight, the one with the least average latency × (in-flight/weight + 1), where the average follows a rise at once and a fall slowly.
/// For backends of unequal or changing speed. A backend without a sample is tried while it is idle, and never preferred to a known one while it is not.
/// </summary>
/// <remarks>
/// A failure counts as 5 s or its latency, whichever is more: one or two in a row weigh little, from the third on the backend gets almost nothing until its average has decayed.
/// Weights are relative to the mean of the eligible ones. A pick reads no clock. Source: Twitter's Finagle, <c>PeakEwma</c> (2014); see <see cref="PeakEwma"/>.
/// </remarks>
public sealed class PeakEwmaPolicy : LoadBalancingPolicy
{
    internal static readonly TimeSpan ShortestDecay = TimeSpan.FromMilliseconds(10);
    internal static readonly TimeSpan LongestDecay = TimeSpan.FromDays(1);

    /// <inheritdoc/>
    public override string Name => "peak_ewma";

    /// <inheritdoc/>
    public override string Description => string.Create(CultureInfo.InvariantCulture, $"the least latency × load of {ChoiceCount}, drawn by weight");

    /// <summary>τ: the time in which an average decays to 37 %. From 10 ms to 1 day. The default value is 10 seconds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside of its range.</exception>
    public TimeSpan Decay
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, ShortestDecay, nameof(Decay));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, LongestDecay, nameof(Decay));
            field = value;
        }
    } = TimeSpan.FromSeconds(10);

    /// <inheritdoc cref="LeastRequestPolicy.ChoiceCount"/>
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
        return new LoadMetricFactory<PeakEwmaLoad, PeakEwma>(
            context.Random,
            ChoiceCount,
            _ => new PeakEwma(context.TimeProvider, Decay),
            static (backends, averages) => new PeakEwmaLoad(backends, averages));
    }
}
