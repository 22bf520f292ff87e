using System.Runtime.CompilerServices;

namespace LoadBalancing.Client.Policies.Rotation;

/// <summary>Divides by a number that is known in advance, with a multiplication instead of a division.</summary>
/// <param name="divisor">At least 1.</param>
internal readonly struct Divisor(uint divisor)
{
    // floor((2^64 - 1) / n): the upper half of the product is the quotient, or one less. One correction makes both results exact.
    private readonly ulong _reciprocal = ulong.MaxValue / divisor;

    /// <summary>The quotient and the remainder, exactly, of any number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Divide(ulong value, out uint remainder)
    {
        ulong quotient = Math.BigMul(value, _reciprocal, out _);
        ulong rest = value - (quotient * divisor);
        bool isOneLess = rest >= divisor;
        remainder = (uint)(isOneLess ? rest - divisor : rest);
        return isOneLess ? quotient + 1 : quotient;
    }
}
