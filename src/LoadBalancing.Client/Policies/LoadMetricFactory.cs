using LoadBalancing.Client.Backends;

namespace LoadBalancing.Client.Policies;

/// <summary>Selection by a metric that hears of every attempt.</summary>
/// <param name="random">Draws the choices.</param>
/// <param name="choices">How many to compare.</param>
/// <param name="createObserver">Makes the memory of one backend.</param>
/// <param name="createLoad">Makes the metric of one snapshot, from the memories of its eligible backends.</param>
internal sealed class LoadMetricFactory<TLoad, TObserver>(
    Random random,
    int choices,
    Func<BackendState, TObserver> createObserver,
    Func<BackendSet, TObserver[], TLoad> createLoad) : PickerFactory
    where TLoad : struct, Load.ILoadMetric
    where TObserver : class, IBackendObserver
{
    private readonly BackendMemory<TObserver> _memory = new(createObserver);

    public override Picker CreatePicker(BackendSet backends) =>
        LoadPickers.Create(backends, createLoad(backends, _memory.OfEligible(backends)), random, choices);

    public override IBackendObserver CreateObserver(BackendState backend) => _memory.Of(backend);
}
