using System.Globalization;
using LoadBalancing.Client.Load;
using LoadBalancing.Client.Policies;

namespace LoadBalancing.Client;

/// <summary>
/// Of a few distinct backends, drawn at random in proportion to weight, the one with the least load by a metric of your own; a tie goes to the first drawn. See docs/extending.md.
/// </summary>
/// <typeparam name="TLoad">The metric: a struct, so that the picker is compiled for it.</typeparam>
/// <remarks>Immutable and thread safe, so one instance may serve any number of balancers. For a metric that remembers attempts, see <see cref="LoadMetricPolicy{TLoad, TObserver}"/>.</remarks>
public sealed class LoadMetricPolicy<TLoad> : LoadBalancingPolicy
    where TLoad : struct, ILoadMetric
{
    private readonly Func<BackendSet, TLoad> _createLoad;

    /// <summary>A policy that compares by a metric.</summary>
    /// <param name="name">The name in logs and explanations.</param>
    /// <param name="createLoad">Makes the metric for one snapshot; called on every change of the backends, under the balancer's lock: it must not block.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty.</exception>
    public LoadMetricPolicy(string name, Func<BackendSet, TLoad> createLoad)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(createLoad);
        Name = name;
        _createLoad = createLoad;
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override string Description => FullScan
        ? $"the least {typeof(TLoad).Name} of all"
        : string.Create(CultureInfo.InvariantCulture, $"the least {typeof(TLoad).Name} of {ChoiceCount}, drawn by weight");

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

    /// <inheritdoc cref="LeastRequestPolicy.FullScan"/>
    public bool FullScan { get; init; }

    /// <inheritdoc/>
    public override PickerFactory CreateFactory(PolicyContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new Factory(this, context.Random);
    }

    private sealed class Factory(LoadMetricPolicy<TLoad> policy, Random random) : PickerFactory
    {
        public override Picker CreatePicker(BackendSet backends) =>
            LoadPickers.Create(backends, policy._createLoad(backends), random, policy.FullScan ? int.MaxValue : policy.ChoiceCount);
    }
}
