using System.Collections.Concurrent;
using LoadBalancing.Client.Backends;

namespace LoadBalancing.Client.Http.Tests.Support;

/// <summary>Takes the first eligible backend, and remembers what every attempt reported and every pick asked for.</summary>
internal sealed class RecordingPolicy : LoadBalancingPolicy
{
    private readonly ConcurrentQueue<(AttemptPhases Phases, Outcome Outcome)> _reports = new();
    private readonly ConcurrentQueue<ulong?> _hashes = new();

    public override string Name => "recording";

    public IReadOnlyList<(AttemptPhases Phases, Outcome Outcome)> Reports => [.. _reports];

    public IReadOnlyList<ulong?> Hashes => [.. _hashes];

    /// <summary>The outcomes of the headers.</summary>
    public IReadOnlyList<Outcome> Responses => Of(AttemptPhases.Response);

    /// <summary>The outcomes of the bodies.</summary>
    public IReadOnlyList<Outcome> Completions => Of(AttemptPhases.Completion);

    public override PickerFactory CreateFactory(PolicyContext context) => new Factory(this);

    private Outcome[] Of(AttemptPhases phase) => [.. _reports.Where(report => (report.Phases & phase) != 0).Select(report => report.Outcome)];

    private sealed class Factory(RecordingPolicy policy) : PickerFactory
    {
        public override Picker CreatePicker(BackendSet backends) => new FirstPicker(policy, backends.Eligible.ToArray());

        public override IBackendObserver? CreateObserver(BackendState backend) => new Observer(policy);
    }

    private sealed class FirstPicker(RecordingPolicy policy, BackendState[] eligible) : Picker
    {
        public override BackendState? Pick(in PickRequest request)
        {
            policy._hashes.Enqueue(request.Hash);
            return eligible.FirstOrDefault();
        }
    }

    private sealed class Observer(RecordingPolicy policy) : IBackendObserver
    {
        public void Observe(in AttemptReport report) => policy._reports.Enqueue((report.Phases, report.Outcome));
    }
}
