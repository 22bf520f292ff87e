using System.Globalization;
using System.Runtime.CompilerServices;

namespace LoadBalancing.Client.Load;

/// <summary>Bytes per second, divided by weight; where they are equal to a thousandth, attempts in flight, divided by weight.</summary>
internal readonly struct BandwidthLoad : ILoadMetric
{
    /// <summary>Levels are compared in steps of this part of a natural logarithm, that is of 0.1 %; the rest of the number orders by in-flight.</summary>
    private const double StepsPerUnit = 1024;

    private readonly BackendState[] _backends;
    private readonly PoolBandwidth _bandwidths;
    private readonly double[]? _inverseWeights;

    public BandwidthLoad(BackendSet set, double[]? inverseWeights, PoolBandwidth bandwidths)
    {
        _backends = set.EligibleArray;
        _bandwidths = bandwidths;
        _inverseWeights = inverseWeights;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double GetLoad(int index)
    {
        double level = _bandwidths.LevelOf(index);
        double inFlight = _backends[index].InFlight;
        if (_inverseWeights is not null)
        {
            inFlight *= _inverseWeights[index];
        }

        // In-flight becomes a fraction, so it decides only between equal steps.
        return Math.Round(level * StepsPerUnit) + (1 - (1 / (1 + inFlight)));
    }

    public string Describe(int index) => string.Create(
        CultureInfo.InvariantCulture,
        $"{_bandwidths.BytesPerSecond(index):0} bytes per second, {_backends[index].InFlight} in flight");
}
