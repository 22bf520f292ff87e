using BenchmarkDotNet.Attributes;
using LoadBalancing.Client.Backends;
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
    private Picker _weightedCycle = null!;
    private Picker _weightedStride = null!;
    private Picker _peakEwma = null!;
    private Picker _peakEwmaWeighted = null!;
    private Picker _responseTime = null!;
    private Picker _leastBandwidth = null!;
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
        // Weights that repeat have a cycle of 1,000 turns at most; those that no cycle fits make a stride.
        BackendSet cyclic = Count <= 1_000 ? weighted : equal;
        BackendSet strided = Pools.CreateBusySet(Count, index => 1 + (index % 4) + (index / 7e6));
        _weightedCycle = CreatePicker(new WeightedRoundRobinPolicy(), cyclic);
        _weightedStride = CreatePicker(new WeightedRoundRobinPolicy(), strided);
        _peakEwma = CreatePicker(new PeakEwmaPolicy(), equal);
        _peakEwmaWeighted = CreatePicker(new PeakEwmaPolicy(), weighted);
        _responseTime = CreatePicker(new WeightedResponseTimePolicy(), equal);
        _leastBandwidth = CreatePicker(new LeastBandwidthPolicy(), equal);

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

    [Benchmark(Description = "weighted_round_robin, cycle")]
    public BackendState? WeightedCycle() => _weightedCycle.Pick(default);

    [Benchmark(Description = "weighted_round_robin, stride")]
    public BackendState? WeightedStride() => _weightedStride.Pick(default);

    [Benchmark(Description = "peak_ewma")]
    public BackendState? PeakEwma() => _peakEwma.Pick(default);

    [Benchmark(Description = "peak_ewma, weighted")]
    public BackendState? PeakEwmaWeighted() => _peakEwmaWeighted.Pick(default);

    [Benchmark(Description = "weighted_response_time")]
    public BackendState? ResponseTime() => _responseTime.Pick(default);

    [Benchmark(Description = "least_bandwidth")]
    public BackendState? LeastBandwidth() => _leastBandwidth.Pick(default);

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

    /// <summary>A picker whose policy has heard of an attempt on each backend: latencies from 10 to 100 ms, bodies from 1,000 to 10,000 bytes.</summary>
    internal static Picker CreatePicker(LoadBalancingPolicy policy, BackendSet backends)
    {
        PickerFactory factory = policy.CreateFactory(new PolicyContext(Random.Shared, TimeProvider.System));
        Random random = new(1);
        foreach (BackendState backend in backends)
        {
            Outcome outcome = Outcome.Succeeded with { Latency = TimeSpan.FromMilliseconds(random.Next(10, 101)), Bytes = random.Next(1_000, 10_001) };
            long now = AttemptReport.NotRead;
            factory.CreateObserver(backend)?.Observe(new AttemptReport(backend, AttemptPhases.Response | AttemptPhases.Completion, in outcome, started: 0, ref now, TimeProvider.System, era: 0));
        }

        return factory.CreatePicker(backends);
    }
}
