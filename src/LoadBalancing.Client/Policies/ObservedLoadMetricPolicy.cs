using System.Globalization;
using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Load;
using LoadBalancing.Client.Policies;

namespace LoadBalancing.Client;

/// <summary>
/// Of a few distinct backends, drawn at random in proportion to weight, the one with the least load by a metric of your own that remembers how attempts went; a tie goes to the first drawn. See docs/extending.md.
/// </summary>
/// <typeparam name="TLoad">The metric: a struct, so that the picker is compiled for it.</typeparam>
/// <typeparam name="TObserver">What it remembers per backend, such as <see cref="PeakEwma"/>.</typeparam>
/// <remarks>Immutable and thread safe, so one instance may serve any number of balancers.</remarks>
public sealed class LoadMetricPolicy<TLoad, TObserver> : LoadBalancingPolicy
    where TLoad : struct, ILoadMetric
    where TObserver : class, IBackendObserver
{
    private readonly Func<PolicyContext, TObserver> _createObserver;
    private readonly Func<BackendSet, TObserver[], TLoad> _createLoad;

    /// <summary>A policy that compares by a metric.</summary>
    /// <param name="name">The name in logs and explanations.</param>
    /// <param name="createObserver">Makes the memory of one backend, which hears of every attempt on it; it lives as long as the backend and the policy do.</param>
    /// <param name="createLoad">Makes the metric for one snapshot, from the memories of its eligible backends, in their order; called on every change of the backends, under the balancer's lock: it must not block.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty.</exception>
    public LoadMetricPolicy(string name, Func<PolicyContext, TObserver> createObserver, Func<BackendSet, TObserver[], TLoad> createLoad)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(createObserver);
        ArgumentNullException.ThrowIfNull(createLoad);
        Name = name;
        _createObserver = createObserver;
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
        return new LoadMetricFactory<TLoad, TObserver>(context.Random, FullScan ? int.MaxValue : ChoiceCount, _ => _createObserver(context), _createLoad);
    }
}
