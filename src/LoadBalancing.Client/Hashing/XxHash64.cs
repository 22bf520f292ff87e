using System.Buffers.Binary;
using System.Numerics;

namespace LoadBalancing.Client;

/// <summary>
/// XXH64: a fast, well distributed 64-bit hash that is not cryptographic. Envoy's ring hash and Maglev use the same one, so tables agree across a mixed fleet.
/// </summary>
/// <remarks>
/// Source: Yann Collet, xxHash specification 0.1.1 (2018), section "XXH64 algorithm". Pure functions; thread safe; nothing is allocated.
/// </remarks>
public static class XxHash64
{
    private const ulong Prime1 = 0x9E3779B185EBCA87;
    private const ulong Prime2 = 0xC2B2AE3D27D4EB4F;
    private const ulong Prime3 = 0x165667B19E3779F9;
    private const ulong Prime4 = 0x85EBCA77C2B2AE63;
    private const ulong Prime5 = 0x27D4EB2F165667C5;

    private const int StripeLength = 32;

    /// <summary>Hashes <paramref name="data"/>.</summary>
    /// <param name="data">The bytes to hash; may be empty.</param>
    /// <param name="seed">Selects one of 2^64 independent functions. The default value is 0.</param>
    /// <returns>The 64-bit hash, as the reference implementation returns it.</returns>
    public static ulong Hash(ReadOnlySpan<byte> data, ulong seed = 0)
    {
        ulong hash = data.Length >= StripeLength ? HashStripes(ref data, seed) : seed + Prime5;
        return HashRest(data, hash);
    }

    /// <summary>Hashes the eight bytes of <paramref name="data"/>, least significant first: what <see cref="Hash(ReadOnlySpan{byte}, ulong)"/> returns for them, without the way there.</summary>
    internal static ulong Hash(ulong data, ulong seed)
    {
        unchecked
        {
            ulong hash = (seed + Prime5 + sizeof(ulong)) ^ Round(0, data);
            return Avalanche((BitOperations.RotateLeft(hash, 27) * Prime1) + Prime4);
        }
    }

    /// <summary>Scrambles a hash into another one, so that a second decision on the same key is independent of the first.</summary>
    internal static ulong Remix(ulong hash) => Avalanche(unchecked((hash + Prime5) * Prime1));

    private static ulong HashStripes(ref ReadOnlySpan<byte> data, ulong seed)
    {
        unchecked
        {
            ulong length = (ulong)data.Length;
            ulong lane1 = seed + Prime1 + Prime2;
            ulong lane2 = seed + Prime2;
            ulong lane3 = seed;
            ulong lane4 = seed - Prime1;

            do
            {
                lane1 = Round(lane1, BinaryPrimitives.ReadUInt64LittleEndian(data));
                lane2 = Round(lane2, BinaryPrimitives.ReadUInt64LittleEndian(data[8..]));
                lane3 = Round(lane3, BinaryPrimitives.ReadUInt64LittleEndian(data[16..]));
                lane4 = Round(lane4, BinaryPrimitives.ReadUInt64LittleEndian(data[24..]));
                data = data[StripeLength..];
            }
            while (data.Length >= StripeLength);

            ulong hash = BitOperations.RotateLeft(lane1, 1) + BitOperations.RotateLeft(lane2, 7)
                + BitOperations.RotateLeft(lane3, 12) + BitOperations.RotateLeft(lane4, 18);
            hash = MergeLane(hash, lane1);
            hash = MergeLane(hash, lane2);
            hash = MergeLane(hash, lane3);
            hash = MergeLane(hash, lane4);

            // The length of what the stripes took; HashRest adds the length of the rest.
            return hash + (length - (ulong)data.Length);
        }
    }

    private static ulong HashRest(ReadOnlySpan<byte> data, ulong hash)
    {
        unchecked
        {
            hash += (ulong)data.Length;

            while (data.Length >= 8)
            {
                hash ^= Round(0, BinaryPrimitives.ReadUInt64LittleEndian(data));
                hash = (BitOperations.RotateLeft(hash, 27) * Prime1) + Prime4;
                data = data[8..];
            }

            if (data.Length >= 4)
            {
                hash ^= BinaryPrimitives.ReadUInt32LittleEndian(data) * Prime1;
                hash = (BitOperations.RotateLeft(hash, 23) * Prime2) + Prime3;
                data = data[4..];
            }

            foreach (byte value in data)
            {
                hash ^= value * Prime5;
                hash = BitOperations.RotateLeft(hash, 11) * Prime1;
            }

            return Avalanche(hash);
        }
    }

    private static ulong Round(ulong lane, ulong input) => unchecked(BitOperations.RotateLeft(lane + (input * Prime2), 31) * Prime1);

    private static ulong MergeLane(ulong hash, ulong lane) => unchecked(((hash ^ Round(0, lane)) * Prime1) + Prime4);

    private static ulong Avalanche(ulong hash)
    {
        unchecked
        {
            hash = (hash ^ (hash >> 33)) * Prime2;
            hash = (hash ^ (hash >> 29)) * Prime3;
            return hash ^ (hash >> 32);
        }
    }
}
