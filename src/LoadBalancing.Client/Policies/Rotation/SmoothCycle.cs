namespace LoadBalancing.Client.Policies.Rotation;

/// <summary>
/// The order of one whole cycle of smooth weighted round robin, computed in advance. Source: nginx 1.3.1 (2012): in each turn everyone gains its weight,
/// the one with the most is chosen and pays the sum of all weights; among equals the first listed.
/// </summary>
internal static class SmoothCycle
{
    /// <summary>The longest cycle worth computing: 32 KB.</summary>
    public const int LongestCycle = 4096;

    /// <summary>Weights are taken as they are written, to this part of 1.</summary>
    private const double Precision = 1000;

    /// <summary>Beyond this a number of thousandths is no longer exact in a sum.</summary>
    private const double LargestExact = 1L << 50;

    /// <summary>Indexes in the order of their turns; <see langword="null"/> when the weights are not whole thousandths, or the cycle would be too long.</summary>
    public static int[]? TryCompute(ReadOnlySpan<double> weights)
    {
        if (!TryReduce(weights, out long[] reduced, out int length))
        {
            return null;
        }

        // Those of one weight take turns in listed order, so only the next one of each weight has to be compared: a few, however many backends there are.
        Group[] groups = [.. reduced.Index().GroupBy(item => item.Item, item => item.Index).Select(group => new Group(group.Key, [.. group]))];
        int[] cycle = new int[length];
        for (int turn = 0; turn < cycle.Length; turn++)
        {
            Group best = groups[0];
            foreach (Group group in groups)
            {
                group.Credit += group.Weight;
                if (group.Credit > best.Credit || (group.Credit == best.Credit && group.Next < best.Next))
                {
                    best = group;
                }
            }

            cycle[turn] = best.Take(length);
        }

        return cycle;
    }

    /// <summary>The smallest whole numbers in the same proportions, and their sum.</summary>
    private static bool TryReduce(ReadOnlySpan<double> weights, out long[] reduced, out int sum)
    {
        reduced = new long[weights.Length];
        sum = 0;
        long divisor = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            // 0.1 times 1000 is not exactly 100 for every way to have come to 0.1: whole means whole to the precision of a double.
            double thousandths = weights[i] * Precision;
            double whole = Math.Round(thousandths);
            if (whole < 1 || whole > LargestExact || Math.Abs(thousandths - whole) > whole * 1e-12)
            {
                return false;
            }

            reduced[i] = (long)whole;
            divisor = GreatestCommonDivisor(reduced[i], divisor);
        }

        long total = 0;
        for (int i = 0; i < reduced.Length; i++)
        {
            reduced[i] /= divisor;
            total += reduced[i];
            if (total > LongestCycle)
            {
                return false;
            }
        }

        sum = (int)total;
        return true;
    }

    private static long GreatestCommonDivisor(long first, long second)
    {
        while (second != 0)
        {
            (first, second) = (second, first % second);
        }

        return first;
    }

    /// <summary>Those of one weight.</summary>
    private sealed class Group(long weight, int[] members)
    {
        private int _position;

        public long Weight => weight;

        /// <summary>The member whose turn it is in the group.</summary>
        public int Next => members[_position];

        /// <summary>What that member has gained and not paid.</summary>
        public long Credit { get; set; }

        public int Take(long price)
        {
            int taken = Next;
            if (++_position == members.Length)
            {
                // Once around: everybody in the group has paid once more.
                _position = 0;
                Credit -= price;
            }

            return taken;
        }
    }
}
