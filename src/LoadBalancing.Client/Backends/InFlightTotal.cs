using System.Numerics;

namespace LoadBalancing.Client.Backends;

/// <summary>Attempts in flight on all backends of a pool, for policies that compare a backend with its pool. All members are thread safe.</summary>
/// <remarks>
/// Striped, so that counting does not put every core onto one cache line; a read adds the stripes up, so there are only a few of them. An attempt remembers the total that counted it in, and is counted out
/// of that one, so no count is ever lost or doubled when a backend moves to another pool. It is counted in after, and out before, its backend counts it: the total is never above the sum of what the backends say.
/// </remarks>
internal sealed class InFlightTotal
{
    private const int MostStripes = 8;

    private readonly PaddedCounter[] _stripes = new PaddedCounter[Math.Min(MostStripes, (int)BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount))];

    /// <summary>How many there are: exact when nothing is counted meanwhile, else off by what is, and so perhaps below 0. Attempts that began before the total was set on their backend are not among them.</summary>
    public long Read()
    {
        long sum = 0;
        foreach (ref PaddedCounter stripe in _stripes.AsSpan())
        {
            sum += Volatile.Read(ref stripe.Value);
        }

        return sum;
    }

    public void Add(int count) => Interlocked.Add(ref _stripes[Thread.GetCurrentProcessorId() & (_stripes.Length - 1)].Value, count);
}
