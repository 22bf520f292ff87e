using System.Globalization;
using System.Runtime.CompilerServices;

namespace LoadBalancing.Client.Load;

/// <summary>
/// ln(average latency × (in-flight/weight + 1)), with the weight relative to the mean. A backend without a sample is worth a try while it is idle, and comes after all others while it is not.
/// </summary>
internal readonly struct PeakEwmaLoad : ILoadMetric
{
    /// <summary>Above every level (at most the machine's up-time in decays), and small enough to still tell in-flight counts apart.</summary>
    private const double Unknown = 1e14;

    private static readonly double[] LnOnePlus = [.. Enumerable.Range(1, 64).Select(value => Math.Log(value))];

    private readonly BackendState[] _backends;
    private readonly PeakEwma[] _averages;
    private readonly double[]? _inverseWeights;

    public PeakEwmaLoad(BackendSet set, PeakEwma[] averages)
    {
        _backends = set.EligibleArray;
        _averages = averages;
        _inverseWeights = RelativeWeights.Inverse(set);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double GetLoad(int index)
    {
        double level = _averages[index].Level;
        int inFlight = _backends[index].InFlight;
        double[] table = LnOnePlus;
        double factor =
            _inverseWeights is not null ? Math.Log((inFlight * _inverseWeights[index]) + 1)
            : (uint)inFlight < (uint)table.Length ? table[inFlight]
            : Math.Log(inFlight + 1.0);
        return double.IsNegativeInfinity(level) && inFlight != 0 ? Unknown + factor : level + factor;
    }

    public string Describe(int index) => _averages[index].HasSample
        ? string.Create(CultureInfo.InvariantCulture, $"average {_averages[index].Seconds * 1000:0.###} ms, {_backends[index].InFlight} in flight")
        : string.Create(CultureInfo.InvariantCulture, $"no sample, {_backends[index].InFlight} in flight");
}
