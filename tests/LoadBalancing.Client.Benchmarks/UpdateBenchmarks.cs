using BenchmarkDotNet.Attributes;

namespace LoadBalancing.Client.Benchmarks;

/// <summary>Updates of 10,000 backends: from nothing, with every weight changed, and with nothing changed; and a pick while updates go on, or health changes.</summary>
public class UpdateBenchmarks
{
    private const int Count = 10_000;

    private readonly Backend[] _first = Pools.Describe(Count);
    private readonly Backend[] _second = [.. Pools.Describe(Count).Select(backend => backend with { Weight = 2 })];
    private Balancer _balancer = null!;
    private Balancer _updated = null!;
    private Thread? _updater;
    private volatile bool _isStopping;
    private bool _turn;

    [GlobalSetup]
    public void Setup()
    {
        _balancer = new BalancerBuilder("orders").AddBackends(_first).Build();
        _updated = new BalancerBuilder("orders").AddBackends(_first).Build();
        Pools.MakeBusy(_balancer.Backends);
        Pools.MakeBusy(_updated.Backends);
    }

    [GlobalSetup(Target = nameof(PickMeanwhile))]
    public void SetupUpdater()
    {
        Setup();
        _updater = new Thread(() =>
        {
            bool turn = false;
            while (!_isStopping)
            {
                _updated.Apply(OptionsWith(turn ? _first : _second));
                turn = !turn;
                Thread.Sleep(10);
            }
        });
        _updater.Start();
    }

    [GlobalSetup(Target = nameof(PickWhileHealthChanges))]
    public void SetupHealth()
    {
        Setup();
        _updater = new Thread(() =>
        {
            BackendState[] backends = [.. _updated.Backends];
            for (int i = 0; !_isStopping; i = (i + 1) % backends.Length)
            {
                backends[i].SetFlag(Unavailability.ProbeFailed, backends[i].Unavailability == Unavailability.None);
                Thread.Sleep(1);
            }
        });
        _updater.Start();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _isStopping = true;
        _updater?.Join();
        _balancer.Dispose();
        _updated.Dispose();
    }

    [Benchmark(Description = "cold: 10,000 new backends")]
    public int Cold()
    {
        using Balancer balancer = new BalancerBuilder("orders").AddBackends(_first).Build();
        return balancer.Backends.Count;
    }

    [Benchmark(Description = "warm: 10,000 weights change")]
    public int Warm()
    {
        _turn = !_turn;
        _balancer.Apply(OptionsWith(_turn ? _second : _first));
        return _balancer.Backends.Count;
    }

    [Benchmark(Description = "warm: nothing changes")]
    public int Same()
    {
        _balancer.Apply(_balancer.Options);
        return _balancer.Backends.Count;
    }

    [Benchmark(Description = "TryPick + Complete while 10,000 weights change every 10 ms")]
    public bool PickMeanwhile() => PickAndComplete(_updated);

    [Benchmark(Description = "TryPick + Complete while health changes about 1,000 times a second")]
    public bool PickWhileHealthChanges() => PickAndComplete(_updated);

    [Benchmark(Description = "TryPick + Complete while nothing changes")]
    public bool PickAlone() => PickAndComplete(_balancer);

    private static bool PickAndComplete(Balancer balancer)
    {
        bool isPicked = balancer.TryPick(default, out BackendLease lease);
        lease.Complete(Outcome.Succeeded);
        return isPicked;
    }

    private BalancerOptions OptionsWith(Backend[] backends)
    {
        BalancerOptions options = new();
        foreach (Backend backend in backends)
        {
            options.Backends.Add(backend);
        }

        return options;
    }
}
