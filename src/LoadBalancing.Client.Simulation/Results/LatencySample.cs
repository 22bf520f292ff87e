using System.Runtime.InteropServices;

namespace LoadBalancing.Client.Simulation.Results;

/// <summary>Latencies, every one of them: percentiles are exact, and the same whatever the order in which they came.</summary>
internal sealed class LatencySample
{
    private const double MsPerSecond = 1000;

    private readonly List<double> _seconds = [];
    private bool _isSorted = true;

    public int Count => _seconds.Count;

    public double MeanMs
    {
        get
        {
            if (Count == 0)
            {
                return 0;
            }

            double sum = 0;
            foreach (double latency in Sorted)
            {
                sum += latency;
            }

            return MsPerSecond * sum / Count;
        }
    }

    public double MaxMs => PercentileMs(1);

    /// <summary>From the smallest to the largest: a sum in this order is the same whatever the order in which they came.</summary>
    private Span<double> Sorted
    {
        get
        {
            Span<double> all = CollectionsMarshal.AsSpan(_seconds);
            if (!_isSorted)
            {
                all.Sort();
                _isSorted = true;
            }

            return all;
        }
    }

    public void Add(double seconds)
    {
        _seconds.Add(seconds);
        _isSorted = false;
    }

    /// <summary>The smallest latency that at least this share of all is not above (the nearest rank); 0 when there are none.</summary>
    public double PercentileMs(double share)
    {
        if (Count == 0)
        {
            return 0;
        }

        Span<double> sorted = Sorted;

        // 0.999 × 1000 must be rank 999, although the product of the doubles may be a little above.
        int rank = (int)Math.Ceiling((share * sorted.Length) - 1e-9);
        return MsPerSecond * sorted[Math.Clamp(rank - 1, 0, sorted.Length - 1)];
    }
}
