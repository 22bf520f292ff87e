using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LoadBalancing.Client.Hashing;

namespace LoadBalancing.Client.Policies.Sampling;

/// <summary>
/// Draws an index in proportion to its weight in constant time, from one random number. Immutable. Source: A. J. Walker (1977), built as in M. D. Vose (1991).
/// </summary>
internal sealed class AliasTable
{
    private readonly Column[] _columns;

    /// <param name="weights">Finite and above 0; at least one.</param>
    public AliasTable(ReadOnlySpan<double> weights)
    {
        int count = weights.Length;
        _columns = new Column[count];
        double[] heights = Array.ConvertAll(WeightShares.Of(weights), share => share * count);
        int[] small = new int[count];
        int[] large = new int[count];
        int smallCount = 0;
        int largeCount = 0;

        for (int i = 0; i < heights.Length; i++)
        {
            // A full column unless a later step cuts it, so that what rounding leaves over is right as it is.
            _columns[i] = new Column(uint.MaxValue, i);
            if (heights[i] < 1)
            {
                small[smallCount++] = i;
            }
            else
            {
                large[largeCount++] = i;
            }
        }

        while (smallCount > 0 && largeCount > 0)
        {
            int low = small[--smallCount];
            int high = large[largeCount - 1];
            _columns[low] = new Column((uint)(heights[low] * uint.MaxValue), high);
            heights[high] -= 1 - heights[low];
            if (heights[high] < 1)
            {
                largeCount--;
                small[smallCount++] = high;
            }
        }
    }

    /// <summary>Turns 64 random bits into an index: the product's upper half chooses the column, its lower half, as a fraction, between the column's two owners.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Draw(ulong bits)
    {
        Column[] columns = _columns;
        int index = (int)Math.BigMul(bits, (ulong)columns.Length, out ulong fraction);
        ref readonly Column column = ref columns[index];

        // No branch: which of the two it is cannot be predicted.
        int stays = -((uint)(fraction >> 32) < column.Threshold ? 1 : 0);
        return column.Alias ^ ((column.Alias ^ index) & stays);
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Column(uint Threshold, int Alias);
}
