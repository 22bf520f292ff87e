using System.Runtime.CompilerServices;

namespace LoadBalancing.Client.Load;

/// <summary>Attempts in flight, divided by weight.</summary>
internal readonly struct InFlightLoad : ILoadMetric
{
    /// <summary>The inverse of the smallest weights would be infinite, and infinity times nothing is no number.</summary>
    private const double LargestInverse = 1e290;

    private readonly BackendState[] _backends;
    private readonly double[]? _inverseWeights;

    public InFlightLoad(BackendSet set)
    {
        _backends = set.EligibleArray;
        if (!set.HasEqualWeights)
        {
            _inverseWeights = new double[_backends.Length];
            for (int i = 0; i < _inverseWeights.Length; i++)
            {
                _inverseWeights[i] = Math.Min(1 / set.EligibleWeights[i], LargestInverse);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double GetLoad(int index)
    {
        double inFlight = _backends[index].InFlight;
        return _inverseWeights is null ? inFlight : inFlight * _inverseWeights[index];
    }
}
