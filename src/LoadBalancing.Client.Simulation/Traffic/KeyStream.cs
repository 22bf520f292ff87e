namespace LoadBalancing.Client.Simulation.Traffic;

/// <summary>The keys of requests, drawn one after the other.</summary>
internal sealed class KeyStream
{
    private readonly SeededRandom _random;
    private readonly double[] _sums;
    private readonly ulong[] _hashes;

    public KeyStream(KeyPlan plan, SeededRandom random)
    {
        _random = random;
        _sums = new double[plan.Count];
        _hashes = new ulong[plan.Count];
        double sum = 0;
        for (int i = 0; i < plan.Count; i++)
        {
            sum += Math.Pow(i + 1, -plan.Skew);
            _sums[i] = sum;
            _hashes[i] = PickRequest.ForKey((ulong)i).Hash!.Value;
        }
    }

    /// <summary>The hash of a request's key.</summary>
    public ulong Next()
    {
        int index = Array.BinarySearch(_sums, _random.NextDouble() * _sums[^1]);

        // The first sum that is above the drawn number.
        index = index < 0 ? ~index : index + 1;
        return _hashes[Math.Min(index, _hashes.Length - 1)];
    }
}
