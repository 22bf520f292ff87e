using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace LoadBalancing.Client.Hashing;

/// <summary>
/// A Maglev look-up table: a hash belongs to the key in slot <c>hash mod size</c>; keys take slots in turns, each in a preference order of its own, heavier ones in more turns. The same table as Envoy's.
/// </summary>
/// <remarks>Sources: D. Eisenbud et al., "Maglev: A Fast and Reliable Software Network Load Balancer" (NSDI 2016), section 3.4; Envoy, "Maglev" load balancer, for the hashes and the weights.</remarks>
internal readonly struct MaglevTable : IHashTable
{
    public const int DefaultSize = 65_537;

    /// <summary>The largest that Envoy allows, 10 MB.</summary>
    public const int LargestSize = 5_000_011;

    /// <summary>What a slot, which is two bytes, can tell apart.</summary>
    public const int MostKeys = ushort.MaxValue + 1;

    private readonly ushort[] _slots;
    private readonly ulong _reciprocal;

    private MaglevTable(ushort[] slots)
    {
        _slots = slots;

        // The upper half of hash * reciprocal is hash / size or one less, so that one correction makes the remainder exact, without a division.
        _reciprocal = ulong.MaxValue / (ulong)slots.Length;
        Length = slots.Length;
    }

    public int Length { get; private init; }

    public int WalkLimit => 32;

    /// <summary>Whether a table can have this size: a prime from 2 to <see cref="LargestSize"/>.</summary>
    public static bool IsValidSize(int size)
    {
        if (size is < 2 or > LargestSize)
        {
            return false;
        }

        for (int divisor = 2; divisor * divisor <= size; divisor++)
        {
            if (size % divisor == 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <param name="keys">In any order. Beyond <see cref="MostKeys"/> or <paramref name="size"/> of them, those that sort last get no slot.</param>
    /// <param name="size">The number of slots; a prime, see <see cref="IsValidSize"/>.</param>
    public static MaglevTable Build(ReadOnlySpan<WeightedKey> keys, int size)
    {
        if (keys.IsEmpty)
        {
            return new MaglevTable(new ushort[1]) { Length = 0 };
        }

        ushort[] slots = GC.AllocateUninitializedArray<ushort>(size);
        int count = Math.Min(keys.Length, MostKeys);
        Entry[] entries = ArrayPool<Entry>.Shared.Rent(count);
        ulong[] taken = ArrayPool<ulong>.Shared.Rent((size >> 6) + 1);
        taken.AsSpan().Clear();
        double heaviest = Prepare(keys, entries.AsSpan(0, count), size);
        Fill(entries.AsSpan(0, count), heaviest, slots, taken);
        ArrayPool<ulong>.Shared.Return(taken);
        ArrayPool<Entry>.Shared.Return(entries);
        return new MaglevTable(slots);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(ulong hash)
    {
        ulong size = (uint)_slots.Length;
        ulong remainder = hash - (Math.BigMul(hash, _reciprocal, out _) * size);
        return (int)(remainder >= size ? remainder - size : remainder);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int OwnerAt(int place) => _slots[place];

    /// <summary>Sorts the keys, and finds where each begins and how far it steps.</summary>
    /// <returns>The largest share of those that have an entry: it is what ends the rounds.</returns>
    private static double Prepare(ReadOnlySpan<WeightedKey> keys, Span<Entry> entries, int size)
    {
        string[] names = new string[keys.Length];
        int[] order = new int[keys.Length];
        for (int i = 0; i < order.Length; i++)
        {
            (names[i], order[i]) = (keys[i].Key, i);
        }

        Array.Sort(order, (left, right) => string.CompareOrdinal(names[left], names[right]) is not 0 and int difference ? difference : left - right);

        double[] shares = WeightShares.Of(keys);
        double largest = 0;
        for (int i = 0; i < entries.Length; i++)
        {
            int owner = order[i];
            byte[] key = Encoding.UTF8.GetBytes(names[owner]);
            entries[i] = new Entry
            {
                Owner = (ushort)owner,
                Next = (int)(XxHash64.Hash(key) % (ulong)size),
                Skip = (int)(XxHash64.Hash(key, seed: 1) % (ulong)(size - 1)) + 1,
                Share = shares[owner],
            };
            largest = Math.Max(largest, shares[owner]);
        }

        return largest;
    }

    /// <summary>In each round a key takes a slot if as many rounds times its share have come up to what its slots so far have cost; a slot costs the largest share, so the heaviest takes one each round.</summary>
    private static void Fill(Span<Entry> entries, double heaviest, Span<ushort> slots, Span<ulong> taken)
    {
        int left = slots.Length;
        for (int round = 1; ; round++)
        {
            foreach (ref Entry entry in entries)
            {
                if (round * entry.Share < entry.Cost)
                {
                    continue;
                }

                entry.Cost += heaviest;
                int slot = TakeNextFree(ref entry, slots.Length, taken);
                slots[slot] = entry.Owner;
                if (--left == 0)
                {
                    return;
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int TakeNextFree(ref Entry entry, int size, Span<ulong> taken)
    {
        // What is taken is one bit per slot: most of the work is looking at taken slots, and so they stay in the first-level cache.
        int slot = entry.Next;
        int skip = entry.Skip;
        while ((taken[slot >> 6] & (1UL << slot)) != 0)
        {
            slot = Step(slot, skip, size);
        }

        taken[slot >> 6] |= 1UL << slot;
        entry.Next = Step(slot, skip, size);
        return slot;
    }

    /// <summary>(slot + skip) mod size, without a branch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Step(int slot, int skip, int size)
    {
        int next = slot + skip - size;
        return next + ((next >> 31) & size);
    }

    [StructLayout(LayoutKind.Auto)]
    private struct Entry
    {
        public int Next;
        public int Skip;
        public ushort Owner;
        public double Share;
        public double Cost;
    }
}
