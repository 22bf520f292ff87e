using BenchmarkDotNet.Attributes;

namespace LoadBalancing.Client.Benchmarks;

/// <summary>Making the tables of the hash policies over, warm: from one set of backends to another, and when only health has changed.</summary>
public class TableBenchmarks
{
    private readonly PickerFactory _maglev = CreateFactory(new MaglevPolicy());
    private readonly PickerFactory _ring = CreateFactory(new RingHashPolicy { MinRingSize = 102_400 });
    private readonly PickerFactory _healthMaglev = CreateFactory(new MaglevPolicy());
    private readonly BackendSet[] _thousand = [Pools.CreateBusySet(1_000), Pools.CreateBusySet(1_001)];
    private readonly BackendSet[] _thousandWeighted = [Pools.CreateBusySet(1_000, hasEqualWeights: false), Pools.CreateBusySet(1_001, hasEqualWeights: false)];
    private readonly BackendSet[] _tenThousandSkewed = [Pools.CreateBusySet(10_000, OneHeavy), Pools.CreateBusySet(9_999, OneHeavy)];
    private readonly BackendSet[] _ring1024 = [Pools.CreateBusySet(1_024), Pools.CreateBusySet(1_023)];
    private readonly BackendSet[] _health;
    private int _turn;

    public TableBenchmarks()
    {
        BackendState[] all = [.. _thousand[0]];
        BackendState[] most = all[1..];
        _health = [_thousand[0], new BackendSet(all, most, Array.ConvertAll(most, _ => 1.0))];
    }

    [Benchmark(Description = "maglev, 65,537 slots, 1,000 backends")]
    public Picker Maglev() => _maglev.CreatePicker(Next(_thousand));

    [Benchmark(Description = "maglev, 65,537 slots, 1,000 backends of weight 1 to 4")]
    public Picker MaglevWeighted() => _maglev.CreatePicker(Next(_thousandWeighted));

    [Benchmark(Description = "maglev, 65,537 slots, 10,000 backends, one of weight 1,000")]
    public Picker MaglevSkewed() => _maglev.CreatePicker(Next(_tenThousandSkewed));

    [Benchmark(Description = "ring_hash, 1,024 backends with 100 points each")]
    public Picker Ring() => _ring.CreatePicker(Next(_ring1024));

    [Benchmark(Description = "maglev, 1,000 backends, only health has changed")]
    public Picker Health() => _healthMaglev.CreatePicker(Next(_health));

    private static PickerFactory CreateFactory(LoadBalancingPolicy policy) => policy.CreateFactory(new PolicyContext(Random.Shared, TimeProvider.System));

    private static double OneHeavy(int index) => index == 0 ? 1_000 : 1;

    private BackendSet Next(BackendSet[] sets) => sets[_turn ^= 1];
}
