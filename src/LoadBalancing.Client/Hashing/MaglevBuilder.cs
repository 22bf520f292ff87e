using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace LoadBalancing.Client.Hashing;

/// <summary>
/// Fills the slots of a <see cref="MaglevTable"/>, as Envoy does. In each round every key, in order, takes a slot if as many rounds times its share have come up to what its slots so far have cost; a slot costs the
/// largest share, so the heaviest takes one each round.
/// </summary>
internal static class MaglevBuilder
{
    /// <summary>Asking a key whether it is due takes about a nanosecond, knowing when to ask it about six: up to so many questions for each turn are cheaper than not to ask in vain.</summary>
    private const int MostRoundsToAsk = 8;

    /// <param name="keys">In any order; at least one.</param>
    /// <param name="size">The number of slots; a prime.</param>
    /// <returns>For each slot the index of its key.</returns>
    public static ushort[] Fill(ReadOnlySpan<WeightedKey> keys, int size)
    {
        ushort[] slots = GC.AllocateUninitializedArray<ushort>(size);
        int count = Math.Min(keys.Length, MaglevTable.MostKeys);
        Entry[] rented = ArrayPool<Entry>.Shared.Rent(count);
        ulong[] taken = ArrayPool<ulong>.Shared.Rent((size >> 6) + 1);
        taken.AsSpan().Clear();
        Span<Entry> entries = rented.AsSpan(0, count);
        double heaviest = Prepare(keys, entries, size, out double total);

        // How many rounds it takes until keys have had a turn each on average: one when weights are equal, up to the number of keys when one of them outweighs all others together.
        double rounds = total > 0 ? Math.Ceiling(heaviest * count / total) : 1;
        if (rounds <= MostRoundsToAsk)
        {
            FillAskingAll(entries, heaviest, slots, taken);
        }
        else
        {
            FillInTurns(entries, heaviest, (int)rounds, slots, taken);
        }

        ArrayPool<ulong>.Shared.Return(taken);
        ArrayPool<Entry>.Shared.Return(rented);
        return slots;
    }

    /// <summary>Sorts the keys, and finds where each begins and how far it steps.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="entries">As many of them as have an entry.</param>
    /// <param name="size">The number of slots.</param>
    /// <param name="total">The sum of the shares of those that have an entry.</param>
    /// <returns>The largest share of those: it is what ends the rounds.</returns>
    private static double Prepare(ReadOnlySpan<WeightedKey> keys, Span<Entry> entries, int size, out double total)
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
        total = 0;
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
            total += shares[owner];
        }

        return largest;
    }

    // Not inlined, these two: together in one method they run out of registers.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void FillAskingAll(Span<Entry> entries, double heaviest, Span<ushort> slots, Span<ulong> taken)
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

    /// <summary>The same, but asks only those whose turn it is.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void FillInTurns(Span<Entry> entries, double heaviest, int rounds, Span<ushort> slots, Span<ulong> taken)
    {
        double[] shares = new double[entries.Length];
        for (int i = 0; i < shares.Length; i++)
        {
            shares[i] = entries[i].Share;
        }

        MaglevTurns turns = new(shares, heaviest, rounds);
        int left = slots.Length;
        while (true)
        {
            foreach (ushort key in turns.Next())
            {
                ref Entry entry = ref entries[key];
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
