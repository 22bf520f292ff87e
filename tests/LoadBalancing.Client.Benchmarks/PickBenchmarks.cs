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

    private static Picker CreatePicker(LoadBalancingPolicy policy, BackendSet backends) =>
        policy.CreateFactory(new PolicyContext(Random.Shared, TimeProvider.System)).CreatePicker(backends);
}
