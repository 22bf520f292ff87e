using System.Globalization;
using LoadBalancing.Client.Load;
using LoadBalancing.Client.Policies;

namespace LoadBalancing.Client;

/// <summary>
/// Of a few distinct backends, drawn at random in proportion to weight, the one with the fewest attempts in flight per weight; a tie goes to the first drawn.
/// So idle traffic follows the weights and busy traffic follows the load. The default policy.
/// </summary>
/// <remarks>Source: M. Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing" (2001).</remarks>
public sealed class LeastRequestPolicy : LoadBalancingPolicy
{
    /// <inheritdoc/>
    public override string Name => "least_request";

    /// <inheritdoc/>
    public override string Description =>
        FullScan ? "the least loaded of all" : string.Create(CultureInfo.InvariantCulture, $"the least loaded of {ChoiceCount}, drawn by weight");

    /// <summary>
    /// How many distinct backends to compare; at least 1, which is at random. The default value is 2. As many as there are eligible backends, or more, compares all, and so does any number above 64:
    /// ties are then broken at random, in proportion to weight, and the cost grows with the number of backends.
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

    /// <summary>
    /// Whether to compare all backends on every pick; ties are then broken at random, in proportion to weight. The default value is <see langword="false"/>.
    /// The cost grows with the number of backends, and nothing is gained where each of many callers sees only a little of the load: meant for few backends and few callers.
    /// </summary>
    public bool FullScan { get; init; }

    /// <inheritdoc/>
    public override PickerFactory CreateFactory(PolicyContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new Factory(context.Random, FullScan ? int.MaxValue : ChoiceCount);
    }

    private sealed class Factory(Random random, int choices) : PickerFactory
    {
        public override Picker CreatePicker(BackendSet backends) =>
            LoadPickers.Create(backends, new InFlightLoad(backends), random, choices);
    }
}
