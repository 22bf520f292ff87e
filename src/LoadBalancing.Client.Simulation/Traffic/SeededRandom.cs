using System.Numerics;

namespace LoadBalancing.Client.Simulation.Traffic;

/// <summary>
/// xoshiro256** (Blackman and Vigna 2018), seeded by SplitMix64. The numbers for a seed are ours and so stay the same in every version of .NET; each thing that is random has a stream of its own, so that what one draws does not change what another sees.
/// </summary>
internal sealed class SeededRandom : Random
{
    private const double UnitPerBit = 1.0 / (1UL << 53);

    private ulong _a;
    private ulong _b;
    private ulong _c;
    private ulong _d;

    /// <param name="seed">The seed of the simulation.</param>
    /// <param name="purpose">What the numbers are for.</param>
    /// <param name="index">Which of those that have the same purpose.</param>
    public SeededRandom(long seed, RandomPurpose purpose, int index = 0)
    {
        ulong state = (ulong)seed;
        state = Mix(ref state) ^ (ulong)purpose;
        state = Mix(ref state) ^ (ulong)index;
        (_a, _b, _c, _d) = (Mix(ref state), Mix(ref state), Mix(ref state), Mix(ref state));
    }

    /// <summary>Numbers from a state, for the published vectors.</summary>
    internal SeededRandom(ulong a, ulong b, ulong c, ulong d) => (_a, _b, _c, _d) = (a, b, c, d);

    /// <summary>64 random bits.</summary>
    public ulong NextBits()
    {
        ulong result = BitOperations.RotateLeft(_b * 5, 7) * 9;
        ulong shifted = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= shifted;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    public override double NextDouble() => (NextBits() >> 11) * UnitPerBit;

    public override float NextSingle() => (NextBits() >> 40) * (1f / (1 << 24));

    public override int Next() => Next(int.MaxValue);

    public override int Next(int maxValue) => Next(0, maxValue);

    public override int Next(int minValue, int maxValue) => (int)NextInt64(minValue, maxValue);

    public override long NextInt64() => (long)(NextBits() >> 1);

    public override long NextInt64(long maxValue) => NextInt64(0, maxValue);

    /// <summary>By multiplication; the bias is below range/2^64.</summary>
    public override long NextInt64(long minValue, long maxValue)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minValue, maxValue);
        return minValue + (long)Math.BigMul(NextBits(), (ulong)(maxValue - minValue), out _);
    }

    public override void NextBytes(byte[] buffer) => NextBytes(buffer.AsSpan());

    public override void NextBytes(Span<byte> buffer)
    {
        foreach (ref byte value in buffer)
        {
            value = (byte)(NextBits() >> 56);
        }
    }

    protected override double Sample() => NextDouble();

    private static ulong Mix(ref ulong state)
    {
        ulong mixed = state += 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
