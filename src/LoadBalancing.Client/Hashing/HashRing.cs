using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace LoadBalancing.Client.Hashing;

/// <summary>
/// A ketama ring: each key owns points on the circle of all 64-bit hashes, and a hash belongs to the first point that is not below it. Points, and how many each key gets, are those of Envoy.
/// </summary>
/// <remarks>
/// Sources: D. Karger et al., "Consistent Hashing and Random Trees" (1997); R. Jones, libketama (2007); Envoy, "Ring hash" load balancer.
/// The points are kept sorted, beside an index of where the points with the same top bits begin. There are as many such groups as points, or up to twice as many, so a look-up is one read of the index and a step
/// or two; and sorting is one pass that deals the points into their groups, as hashes are spread evenly.
/// </remarks>
internal readonly struct HashRing : IHashTable
{
    /// <summary>
    /// Envoy adds up shares of the ring in floating point, and may end one rounding error above a whole number, which it takes for one more point: with 99 equal keys one of them has 12 points, with 100 all have 11.
    /// Removing a key would then move others, so a sum that close to a whole number counts as that number. Nothing else differs.
    /// </summary>
    private const double RelativeRounding = 1e-10;

    /// <summary>Sorted by hash, and one more at the end that no hash is above, which stands for the first.</summary>
    private readonly Point[] _points;
    private readonly int[] _starts;
    private readonly int _shift;

    private HashRing(Point[] points, int[] starts, int shift) => (_points, _starts, _shift) = (points, starts, shift);

    public int Length => _points.Length - 1;

    /// <summary>A ring is walked all the way round: the next point always decides, so that a key that comes or goes moves nothing else.</summary>
    public int WalkLimit => _points.Length - 2;

    /// <param name="keys">Their order decides who gets the odd point where shares of the ring are no whole numbers, and who wins where two points fall together.</param>
    /// <param name="minSize">At least so many points, as long as that is not above <paramref name="maxSize"/>; rounded up so that the lightest key has a whole number of them.</param>
    /// <param name="maxSize">At most so many points (one more at the end of rounding).</param>
    public static HashRing Build(ReadOnlySpan<WeightedKey> keys, int minSize, int maxSize)
    {
        int[] counts = CountPoints(keys, minSize, maxSize);
        int total = 0;
        foreach (int count in counts)
        {
            total += count;
        }

        int indexBits = Math.Clamp(BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)total)), 1, 24);
        int shift = 64 - indexBits;
        int[] starts = new int[(1 << indexBits) + 1];
        ulong[] hashes = ArrayPool<ulong>.Shared.Rent(total);
        HashKeys(keys, counts, hashes);
        FindStarts(hashes.AsSpan(0, total), starts, shift);
        Point[] points = Deal(hashes, counts, total, starts, shift);
        ArrayPool<ulong>.Shared.Return(hashes);
        points[total] = new Point(ulong.MaxValue, total == 0 ? 0 : points[0].Owner);
        return new HashRing(points, starts, shift);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(ulong hash)
    {
        Point[] points = _points;
        int place = _starts[(int)(hash >> _shift)];
        while (points[place].Hash < hash)
        {
            place++;
        }

        return place;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int OwnerAt(int place) => _points[place].Owner;

    public ulong HashAt(int place) => _points[place].Hash;

    private static int[] CountPoints(ReadOnlySpan<WeightedKey> keys, int minSize, int maxSize)
    {
        double[] shares = WeightShares.Of(keys);
        double least = 1;
        foreach (double share in shares)
        {
            least = Math.Min(least, share);
        }

        double scale = least > 0 ? Math.Min(Math.Ceiling(least * minSize) / least, maxSize) : maxSize;
        int[] counts = new int[shares.Length];
        double target = 0;
        long placed = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            target += scale * shares[i];
            long end = Math.Max(placed, (long)Math.Ceiling(target * (1 - RelativeRounding)));
            counts[i] = (int)(end - placed);
            placed = end;
        }

        return counts;
    }

    private static void HashKeys(ReadOnlySpan<WeightedKey> keys, int[] counts, ulong[] hashes)
    {
        int next = 0;
        Span<byte> buffer = stackalloc byte[256];
        for (int owner = 0; owner < counts.Length; owner++)
        {
            KeySuffix suffix = new(keys[owner].Key, buffer);
            for (int i = 0; i < counts[owner]; i++)
            {
                hashes[next++] = XxHash64.Hash(suffix.With(i));
            }
        }
    }

    /// <summary>Counts how many points fall into each group, and adds up: <c>starts[g]</c> is then where group g ends and, once its points are dealt from its end, where it begins.</summary>
    private static void FindStarts(ReadOnlySpan<ulong> hashes, int[] starts, int shift)
    {
        foreach (ulong hash in hashes)
        {
            starts[(int)(hash >> shift)]++;
        }

        int end = 0;
        for (int i = 0; i < starts.Length; i++)
        {
            starts[i] = end += starts[i];
        }
    }

    private static Point[] Deal(ulong[] hashes, int[] counts, int total, int[] starts, int shift)
    {
        Point[] points = GC.AllocateUninitializedArray<Point>(total + 1);
        int next = total;
        for (int owner = counts.Length - 1; owner >= 0; owner--)
        {
            for (int i = counts[owner]; i > 0; i--)
            {
                ulong hash = hashes[--next];
                points[--starts[(int)(hash >> shift)]] = new Point(hash, owner);
            }
        }

        // Only neighbours of one group can be out of order, so each point moves by a place or two. Equal hashes stay in the order of their keys.
        for (int i = 1; i < total; i++)
        {
            Point point = points[i];
            int place = i;
            while (place > 0 && points[place - 1].Hash > point.Hash)
            {
                points[place] = points[place - 1];
                place--;
            }

            points[place] = point;
        }

        return points;
    }

    private readonly record struct Point(ulong Hash, int Owner);
}
