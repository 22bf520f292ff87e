using LoadBalancing.Client.Backends;

namespace LoadBalancing.Client.Benchmarks;

/// <summary>least_request with an observer per backend that does next to nothing: the cost of being observed.</summary>
internal sealed class ObservedPolicy : LoadBalancingPolicy
{
    private readonly LeastRequestPolicy _inner = new();

    public override string Name => _inner.Name;

    public override PickerFactory CreateFactory(PolicyContext context) => new Factory(_inner.CreateFactory(context));

    private sealed class Factory(PickerFactory inner) : PickerFactory
    {
        public override Picker CreatePicker(BackendSet backends) => inner.CreatePicker(backends);

        public override IBackendObserver CreateObserver(BackendState backend) => new LastLatency();
    }

    private sealed class LastLatency : IBackendObserver
    {
        private long _ticks;

        public void Observe(in AttemptReport report) => Volatile.Write(ref _ticks, report.Latency.Ticks);
    }
}
