using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Policies.Sampling;
using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Tests.Fixtures;

/// <summary>A policy over a few backends whose attempts a test makes up, on a clock that it moves.</summary>
internal sealed class ObservedPool
{
    private readonly PickerFactory _factory;

    public ObservedPool(LoadBalancingPolicy policy, params double[] weights)
    {
        Set = Pools.Set(weights);
        _factory = policy.CreateFactory(new PolicyContext(GuardedRandom.Guard(new Random(11)), Clock));
        foreach (BackendState backend in Set)
        {
            backend.SetObservers([_factory.CreateObserver(backend).ShouldNotBeNull()]);
        }

        Picker = _factory.CreatePicker(Set);
    }

    public FakeTimeProvider Clock { get; } = new();

    public BackendSet Set { get; }

    public Picker Picker { get; private set; }

    public void Rebuild() => Picker = _factory.CreatePicker(Set);

    public static ObservedPool OfEqual(LoadBalancingPolicy policy, int count) => new(policy, [.. Enumerable.Repeat(1.0, count)]);

    /// <summary>An attempt on one backend ends now.</summary>
    public void Report(int index, Outcome outcome, AttemptPhases phases = AttemptPhases.Response | AttemptPhases.Completion)
    {
        long now = AttemptReport.NotRead;
        foreach (IBackendObserver observer in Set[index].Observers)
        {
            observer.Observe(new AttemptReport(Set[index], phases, in outcome, Clock.GetTimestamp(), ref now, Clock, era: 0));
        }
    }

    public void Report(Outcome outcome, params int[] indexes) => Array.ForEach(indexes, index => Report(index, outcome));

    public static Outcome Success(double milliseconds) => Outcome.Succeeded with { Latency = TimeSpan.FromMilliseconds(milliseconds) };

    public static Outcome Failure(double milliseconds) => Outcome.Failed with { Latency = TimeSpan.FromMilliseconds(milliseconds) };

    public static Outcome Cancellation(double milliseconds) => Outcome.Canceled with { Latency = TimeSpan.FromMilliseconds(milliseconds) };

    public static Outcome OfBytes(long bytes) => Outcome.Succeeded with { Bytes = bytes };

    /// <summary>Which backend is picked always; fails when it is not always the same.</summary>
    public int Preferred()
    {
        int[] counts = Picker.CountPicks(Set, 50);
        int preferred = Array.IndexOf(counts, 50);
        preferred.ShouldBeGreaterThanOrEqualTo(0, $"Picks were {string.Join(", ", counts)}.");
        return preferred;
    }
}
