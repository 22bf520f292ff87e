using System.Diagnostics;
using BenchmarkDotNet.Attributes;

namespace LoadBalancing.Client.Benchmarks;

/// <summary>A whole attempt on a balancer, from the pick to its completion, beside the floor: what any balancer that draws twice, counts and measures must pay.</summary>
public class LeaseBenchmarks
{
    private readonly int[] _values = new int[1_000];
    private Balancer _balancer = null!;
    private Balancer _bare = null!;
    private Balancer _judged = null!;
    private Balancer _observed = null!;
    private long _counter;

    /// <summary>Backends in the pool.</summary>
    [Params(10, 1_000)]
    public int Count { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _balancer = new BalancerBuilder("orders").AddBackends(Pools.Describe(Count)).Build();
        _bare = new BalancerBuilder("orders").AddBackends(Pools.Describe(Count)).UseCircuitBreaker(breaker => breaker.Enabled = false).Build();
        _judged = new BalancerBuilder("orders").AddBackends(Pools.Describe(Count)).UseOutlierDetection().Build();
        _observed = new BalancerBuilder("orders").AddBackends(Pools.Describe(Count)).UsePolicy(new ObservedPolicy()).Build();
        Pools.MakeBusy(_balancer.Backends);
        Pools.MakeBusy(_bare.Backends);
        Pools.MakeBusy(_judged.Backends);
        Pools.MakeBusy(_observed.Backends);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _balancer.Dispose();
        _bare.Dispose();
        _judged.Dispose();
        _observed.Dispose();
    }

    [Benchmark(Baseline = true, Description = Report.Floor)]
    public long Floor()
    {
        int[] values = _values;
        long sum = Volatile.Read(ref values[Random.Shared.Next(values.Length)]) + Volatile.Read(ref values[Random.Shared.Next(values.Length)]);
        Interlocked.Increment(ref _counter);
        sum += Stopwatch.GetTimestamp();
        Interlocked.Decrement(ref _counter);
        return sum + Stopwatch.GetTimestamp();
    }

    [Benchmark(Description = "TryPick + Complete, no circuit breaker")]
    public bool PickAndCompleteBare()
    {
        bool isPicked = _bare.TryPick(default, out BackendLease lease);
        lease.Complete(Outcome.Succeeded);
        return isPicked;
    }

    [Benchmark(Description = "TryPick + Complete, circuit breaker and outlier detection")]
    public bool PickAndCompleteJudged()
    {
        bool isPicked = _judged.TryPick(default, out BackendLease lease);
        lease.Complete(Outcome.Succeeded);
        return isPicked;
    }

    [Benchmark(Description = "TryPick + Complete")]
    public bool PickAndComplete()
    {
        bool isPicked = _balancer.TryPick(default, out BackendLease lease);
        lease.Complete(Outcome.Succeeded);
        return isPicked;
    }

    [Benchmark(Description = "TryPick + Responded + Complete")]
    public bool PickRespondComplete()
    {
        bool isPicked = _balancer.TryPick(default, out BackendLease lease);
        lease.Responded(Outcome.Succeeded);
        lease.Complete(Outcome.Succeeded);
        return isPicked;
    }

    [Benchmark(Description = "TryPick + Complete, one observer (reads the clock twice)")]
    public bool PickAndCompleteObserved()
    {
        bool isPicked = _observed.TryPick(default, out BackendLease lease);
        lease.Complete(Outcome.Succeeded);
        return isPicked;
    }
}
