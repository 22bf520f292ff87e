using System.Runtime.CompilerServices;

namespace LoadBalancing.Client.Policies.Sampling;

/// <summary>
/// Random numbers for the hot path. <see cref="Random.Shared"/> is recognised and then called directly, which the compiler can see through; any other is a virtual call.
/// </summary>
internal readonly struct RandomSource(Random random)
{
    private readonly Random? _injected = ReferenceEquals(random, Random.Shared) ? null : random;

    /// <summary>63 random bits, in the upper part; the lowest bit is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong NextBits() => (ulong)(_injected is null ? Random.Shared.NextInt64() : _injected.NextInt64()) << 1;

    /// <summary>A uniform index below <paramref name="count"/>, by multiplication instead of division (Lemire 2019; the bias is below count/2^63).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int NextIndex(int count) => (int)Math.BigMul(NextBits(), (ulong)count, out _);

    /// <summary>A uniform number in [0, 1).</summary>
    public double NextUnit() => (NextBits() >> 11) * (1.0 / (1UL << 53));
}
