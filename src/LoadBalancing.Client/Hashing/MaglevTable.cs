using System.Runtime.CompilerServices;

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
    public static MaglevTable Build(ReadOnlySpan<WeightedKey> keys, int size) =>
        keys.IsEmpty ? new MaglevTable(new ushort[1]) { Length = 0 } : new MaglevTable(MaglevBuilder.Fill(keys, size));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(ulong hash)
    {
        ulong size = (uint)_slots.Length;
        ulong remainder = hash - (Math.BigMul(hash, _reciprocal, out _) * size);
        return (int)(remainder >= size ? remainder - size : remainder);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int OwnerAt(int place) => _slots[place];
}
