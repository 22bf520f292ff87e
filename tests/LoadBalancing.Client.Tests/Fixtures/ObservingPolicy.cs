using System.Collections.Concurrent;
using LoadBalancing.Client.Backends;

namespace LoadBalancing.Client.Tests.Fixtures;

/// <summary>Round robin with an observer per backend, which notes what it hears.</summary>
internal sealed class ObservingPolicy : LoadBalancingPolicy
{
    private readonly ConcurrentQueue<Report> _reports = new();
    private readonly ConcurrentQueue<BackendState> _observed = new();

    public override string Name => "observing";

    /// <summary>Whether a picker may be asked for only with backends that have an observer.</summary>
    public bool RequiresObservers { get; init; }

    /// <summary>The backends an observer was made for, in order.</summary>
    public IReadOnlyList<BackendState> Observed => [.. _observed];

    public IReadOnlyList<Report> Reports => [.. _reports];

    public override PickerFactory CreateFactory(PolicyContext context) => new Factory(this, new RoundRobinPolicy().CreateFactory(context));

    internal sealed record Report(string Backend, AttemptPhases Phases, Outcome Outcome, TimeSpan Latency, int InFlight);

    internal sealed class Observer(ObservingPolicy owner) : IBackendObserver
    {
        public ObservingPolicy Owner => owner;

        public void Observe(in AttemptReport report) =>
            owner._reports.Enqueue(new Report(report.Backend.Id, report.Phases, report.Outcome, report.Latency, report.Backend.InFlight));
    }

    private sealed class Factory(ObservingPolicy owner, PickerFactory inner) : PickerFactory
    {
        private readonly HashSet<BackendState> _known = [];

        public override Picker CreatePicker(BackendSet backends)
        {
            if (owner.RequiresObservers)
            {
                backends.ShouldAllBe(backend => _known.Contains(backend));
            }

            return inner.CreatePicker(backends);
        }

        public override IBackendObserver CreateObserver(BackendState backend)
        {
            _known.Add(backend);
            owner._observed.Enqueue(backend);
            return new Observer(owner);
        }
    }
}
