using System.Runtime.CompilerServices;

namespace LoadBalancing.Client.Load;

/// <summary>Attempts in flight, divided by weight.</summary>
internal readonly struct InFlightLoad : ILoadMetric
{
    private readonly BackendState[] _backends;
    private readonly double[]? _inverseWeights;

    public InFlightLoad(BackendSet set)
    {
        _backends = set.EligibleArray;
        if (!set.HasEqualWeights)
        {
            // Relative to the largest weight, so that no inverse overflows to infinity for weights that a double can tell apart.
            double largest = 0;
            foreach (double weight in set.EligibleWeights)
            {
                largest = Math.Max(largest, weight);
            }

            _inverseWeights = new double[_backends.Length];
            for (int i = 0; i < _inverseWeights.Length; i++)
            {
                _inverseWeights[i] = Math.Min(largest / set.EligibleWeights[i], 1e300);
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
