using BenchmarkDotNet.Attributes;

namespace LoadBalancing.Client.Benchmarks;

/// <summary>
/// The same work on one thread and on two, over 100 backends: how much of a second core a policy can use. Read it against the control, since a shared machine may lend less than two cores.
/// </summary>
public class ScalingBenchmarks
{
    public const string Control = "control: two draws, two reads";

    private const int Backends = 100;
    private const int Picks = 1_000_000;

    private readonly int[] _values = new int[Backends];
    private Picker? _picker;

    /// <summary>Threads that pick at the same time.</summary>
    [Params(1, 2)]
    public int Threads { get; set; }

    /// <summary>What they do.</summary>
    [Params(Control, "pick_first", "round_robin", "weighted_round_robin", "random", "least_request", "peak_ewma", "weighted_response_time", "least_bandwidth", "ring_hash", "maglev", "rendezvous")]
    public string What { get; set; } = Control;

    [GlobalSetup]
    public void Setup()
    {
        LoadBalancingPolicy? policy = What switch
        {
            "pick_first" => new PickFirstPolicy(),
            "round_robin" => new RoundRobinPolicy(),
            "weighted_round_robin" => new WeightedRoundRobinPolicy(),
            "random" => new RandomPolicy(),
            "least_request" => new LeastRequestPolicy(),
            "peak_ewma" => new PeakEwmaPolicy(),
            "weighted_response_time" => new WeightedResponseTimePolicy(),
            "least_bandwidth" => new LeastBandwidthPolicy(),
            "ring_hash" => new RingHashPolicy(),
            "maglev" => new MaglevPolicy(),
            "rendezvous" => new RendezvousPolicy(),
            _ => null,
        };
        _picker = policy is null ? null : PickBenchmarks.CreatePicker(policy, Pools.CreateBusySet(Backends));
    }

    [Benchmark(Description = "per pick of each thread", OperationsPerInvoke = Picks)]
    public void Run()
    {
        ThreadStart work = _picker is null ? DrawAndRead : Pick;
        Thread[] others = [.. Enumerable.Range(1, Threads - 1).Select(_ => new Thread(work))];
        foreach (Thread other in others)
        {
            other.Start();
        }

        work();
        foreach (Thread other in others)
        {
            other.Join();
        }
    }

    private void DrawAndRead()
    {
        int[] values = _values;
        long sum = 0;
        for (int i = 0; i < Picks; i++)
        {
            sum += Volatile.Read(ref values[Random.Shared.Next(values.Length)]) + Volatile.Read(ref values[Random.Shared.Next(values.Length)]);
        }

        GC.KeepAlive(sum);
    }

    private void Pick()
    {
        Picker picker = _picker!;
        ulong hash = (ulong)Environment.CurrentManagedThreadId << 32;
        BackendState? last = null;
        for (int i = 0; i < Picks; i++)
        {
            last = picker.Pick(new PickRequest { Hash = hash += 0x9E37_79B9_7F4A_7C15 });
        }

        GC.KeepAlive(last);
    }
}
