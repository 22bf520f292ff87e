using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Balancing;
using LoadBalancing.Client.Policies.Sampling;
using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Timing;

namespace LoadBalancing.Client.Tests.Fixtures;

/// <summary>A reconciler by itself, fed with lists on the test's own thread.</summary>
internal sealed class Reconciled : BackendHost
{
    private readonly RandomSource _random;
    private readonly Random _generator;
    private readonly double _panicThreshold;
    private readonly bool _failClosed;
    private Snapshot? _current;
    private int _published;
    private int _publishedEmpty;

    public Reconciled(LoadBalancingPolicy policy, double panicThreshold = 0, bool failClosed = false, Random? random = null)
    {
        _generator = GuardedRandom.Guard(random ?? Random.Shared);
        _random = new RandomSource(_generator);
        _panicThreshold = panicThreshold;
        _failClosed = failClosed;
        BalancerEnvironment environment = new("orders", new FakeTimeProvider(), _generator, loggers: null, meters: null);
        Schedule schedule = new(environment.TimeProvider, (_, _) => { });
        Reconciler = new Reconciler(environment, schedule, this, new HealthSources(environment, schedule), () => { }, CreateMerge(policy), snapshot =>
        {
            Volatile.Write(ref _current, snapshot);
            if (snapshot.Backends.Count > 0 && snapshot.Backends.Eligible.IsEmpty)
            {
                Interlocked.Increment(ref _publishedEmpty);
            }

            Interlocked.Increment(ref _published);
        });
        Reconciler.Republish();
    }

    public override string ServiceName => "orders";

    public Reconciler Reconciler { get; }

    public Snapshot Current => Volatile.Read(ref _current)!;

    /// <summary>How many snapshots were published.</summary>
    public int Published => Volatile.Read(ref _published);

    /// <summary>How many of them offered nothing to pick from although backends are listed.</summary>
    public int PublishedEmpty => Volatile.Read(ref _publishedEmpty);

    public BackendState this[string id] => Current.Backends.Find(id).ShouldNotBeNull();

    public void Update(params Backend[] backends) => Reconciler.Update(backends);

    public void Reconfigure(LoadBalancingPolicy policy, params Backend[] backends) => Reconciler.Reconfigure(new BalancerOptions(), CreateMerge(policy), backends);

    /// <summary>Picks as a balancer does; the result has admitted the attempt, and the caller releases it.</summary>
    public BackendState? Pick(in PickRequest request)
    {
        Snapshot snapshot = Current;
        BackendState? backend = snapshot.Picker.Pick(request);
        return backend is null || request.HasExclusions || !backend.TryAcquire(out _) ? Repick.Find(snapshot, request, backend, _random, out _, out _) : backend;
    }

    public override void AvailabilityChanged(BackendState backend, Unavailability flag, bool isSet, Verdict? verdict) => Reconciler.OnAvailabilityChanged(backend);

    public override void CircuitChanged(BackendState backend, CircuitState from, CircuitState to, string cause, TimeSpan? duration)
    {
    }

    public override void ProbeEnded(BackendState backend, TimeSpan duration, string? errorType, Exception? news)
    {
    }

    public override void EjectionRefused(BackendState backend, string kind, string cause)
    {
    }

    public override void Speak() => Reconciler.Speak();

    public override void Report(BackendState backend, AttemptPhases phases, in Outcome outcome, long started, int era)
    {
    }

    private AvailabilityMerge CreateMerge(LoadBalancingPolicy policy) =>
        new(
            policy.CreateFactory(new PolicyContext(_generator, new FakeTimeProvider())),
            _generator,
            AvailabilityRules.Create(new BalancerOptions { PanicThreshold = _panicThreshold, FailClosed = _failClosed }, default),
            new PoolNumbers());
}
