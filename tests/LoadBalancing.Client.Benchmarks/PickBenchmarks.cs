using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace LoadBalancing.Client.Benchmarks;

/// <summary>One pick, without a lease: our policies beside YARP's.</summary>
public class PickBenchmarks
{
    private readonly DefaultHttpContext _context = new();
    private readonly ClusterState _cluster = new("orders");
    private readonly int[] _values = new int[16];
    private DestinationState[] _destinations = [];
    private Picker _pickFirst = null!;
    private Picker _roundRobin = null!;
    private Picker _random = null!;
    private Picker _randomWeighted = null!;
    private Picker _leastRequest = null!;
    private Picker _leastRequestWeighted = null!;
    private Picker _leastRequestFullScan = null!;
    private Picker _maglev = null!;
    private Picker _maglevBounded = null!;
    private Picker _ring = null!;
    private Picker _largeRing = null!;
    private Picker _rendezvous = null!;
    private Picker _rendezvousWeighted = null!;
    private ulong _hash;
    private ILoadBalancingPolicy _yarpRoundRobin = null!;
    private ILoadBalancingPolicy _yarpRandom = null!;
    private ILoadBalancingPolicy _yarpTwoChoices = null!;
    private ILoadBalancingPolicy _yarpLeastRequests = null!;
    private long _counter;

    /// <summary>Backends in the pool.</summary>
    [Params(10, 100, 1_000, 10_000)]
    public int Count { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        BackendSet equal = Pools.CreateBusySet(Count);
        BackendSet weighted = Pools.CreateBusySet(Count, hasEqualWeights: false);
        _pickFirst = CreatePicker(new PickFirstPolicy(), equal);
        _roundRobin = CreatePicker(new RoundRobinPolicy(), equal);
        _random = CreatePicker(new RandomPolicy(), equal);
        _randomWeighted = CreatePicker(new RandomPolicy(), weighted);
        _leastRequest = CreatePicker(new LeastRequestPolicy(), equal);
        _leastRequestWeighted = CreatePicker(new LeastRequestPolicy(), weighted);
        _leastRequestFullScan = CreatePicker(new LeastRequestPolicy { FullScan = true }, equal);

        _maglev = CreatePicker(new MaglevPolicy(), equal);
        _maglevBounded = CreatePicker(new MaglevPolicy { BoundedLoadFactor = 1.25 }, Pools.CreateIdleSet(Count));
        _ring = CreatePicker(new RingHashPolicy(), equal);
        _largeRing = CreatePicker(new RingHashPolicy { MinRingSize = 100_000 }, equal);
        _rendezvous = CreatePicker(new RendezvousPolicy(), equal);
        _rendezvousWeighted = CreatePicker(new RendezvousPolicy(), weighted);

        ServiceCollection services = new();
        services.AddLogging();
        services.AddReverseProxy();
        Dictionary<string, ILoadBalancingPolicy> yarp = services.BuildServiceProvider().GetServices<ILoadBalancingPolicy>().ToDictionary(policy => policy.Name, StringComparer.Ordinal);
        _yarpRoundRobin = yarp["RoundRobin"];
        _yarpRandom = yarp["Random"];
        _yarpTwoChoices = yarp["PowerOfTwoChoices"];
        _yarpLeastRequests = yarp["LeastRequests"];
        _destinations = [.. equal.Select(backend => new DestinationState(backend.Id) { ConcurrentRequestCount = backend.InFlight })];
    }

    [Benchmark(Description = "one interlocked increment")]
    public long Increment() => Interlocked.Increment(ref _counter);

    [Benchmark(Description = "two draws, two reads")]
    public int TwoDrawsTwoReads()
    {
        int[] values = _values;
        return Volatile.Read(ref values[Random.Shared.Next(values.Length)]) + Volatile.Read(ref values[Random.Shared.Next(values.Length)]);
    }

    [Benchmark(Description = "pick_first")]
    public BackendState? PickFirst() => _pickFirst.Pick(default);

    [Benchmark(Description = "round_robin")]
    public BackendState? RoundRobin() => _roundRobin.Pick(default);

    [Benchmark(Description = "YARP RoundRobin")]
    public DestinationState? YarpRoundRobin() => _yarpRoundRobin.PickDestination(_context, _cluster, _destinations);

    [Benchmark(Description = "random")]
    public BackendState? RandomEqual() => _random.Pick(default);

    [Benchmark(Description = "YARP Random")]
    public DestinationState? YarpRandom() => _yarpRandom.PickDestination(_context, _cluster, _destinations);

    [Benchmark(Description = "random, weighted")]
    public BackendState? RandomWeighted() => _randomWeighted.Pick(default);

    [Benchmark(Description = "least_request")]
    public BackendState? LeastRequest() => _leastRequest.Pick(default);

    [Benchmark(Description = "YARP PowerOfTwoChoices")]
    public DestinationState? YarpTwoChoices() => _yarpTwoChoices.PickDestination(_context, _cluster, _destinations);

    [Benchmark(Description = "least_request, weighted")]
    public BackendState? LeastRequestWeighted() => _leastRequestWeighted.Pick(default);

    [Benchmark(Description = "least_request, full scan")]
    public BackendState? LeastRequestFullScan() => _leastRequestFullScan.Pick(default);

    [Benchmark(Description = "YARP LeastRequests (scans all)")]
    public DestinationState? YarpLeastRequests() => _yarpLeastRequests.PickDestination(_context, _cluster, _destinations);

    [Benchmark(Description = "maglev")]
    public BackendState? Maglev() => _maglev.Pick(NextKey());

    [Benchmark(Description = "maglev, bounded loads, all idle")]
    public BackendState? MaglevBounded() => _maglevBounded.Pick(NextKey());

    [Benchmark(Description = "ring_hash")]
    public BackendState? RingHash() => _ring.Pick(NextKey());

    [Benchmark(Description = "ring_hash, 100,000 points")]
    public BackendState? LargeRingHash() => _largeRing.Pick(NextKey());

    [Benchmark(Description = "rendezvous (looks at all)")]
    public BackendState? Rendezvous() => _rendezvous.Pick(NextKey());

    [Benchmark(Description = "rendezvous, weighted (looks at all)")]
    public BackendState? RendezvousWeighted() => _rendezvousWeighted.Pick(NextKey());

    /// <summary>Another key each time, spread over all hashes: 2^64 divided by the golden ratio is added.</summary>
    private PickRequest NextKey() => new() { Hash = _hash += 0x9E37_79B9_7F4A_7C15 };

    private static Picker CreatePicker(LoadBalancingPolicy policy, BackendSet backends) =>
        policy.CreateFactory(new PolicyContext(Random.Shared, TimeProvider.System)).CreatePicker(backends);
}
