using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using LoadBalancing.Client.Hashing;

namespace LoadBalancing.Client.Policies.Rotation;

/// <summary>
/// Who is served at which step of an endless walk over all backends, in proportion to any weights, without state: step s visits backend s mod n in generation s / n, and serves it in as many of
/// 65,535 generations as its weight says, evenly spread. Source: gRPC's static stride scheduler (gRFC A58, 2023).
/// </summary>
/// <remarks>
/// The heaviest weigh 65,535 and are served at every visit, so within n steps somebody is. A position on the walk is the generation in the upper and the backend in the lower half of a number.
/// Who is skipped cannot be predicted, so many steps are looked at together, without a branch.
/// </remarks>
internal sealed class StrideTable
{
    /// <summary>How many steps are looked at together.</summary>
    public const int Window = 24;

    private const uint MaxWeight = ushort.MaxValue;
    private const double MaxRatio = 10;
    private const double MinRatio = 0.01;

    /// <summary>What one step looks at, and then some: the first again, as they are one generation later, so that eight neighbours can be looked at from any step.</summary>
    private readonly uint[] _entries;
    private readonly uint _count;

    /// <param name="weights">Finite and above 0; at least one.</param>
    public StrideTable(ReadOnlySpan<double> weights)
    {
        _count = (uint)weights.Length;
        _entries = new uint[weights.Length + Vector256<uint>.Count - 1];
        ushort[] scaled = Scale(weights);
        for (int i = 0; i < _entries.Length; i++)
        {
            // Neighbours of the same weight are half a period apart, so that they are not skipped in the same generation.
            (int generation, int index) = Math.DivRem(i, scaled.Length);
            ulong offset = (((ulong)index * (MaxWeight / 2)) + ((ulong)generation * scaled[index])) % MaxWeight;
            _entries[i] = ((uint)offset << 16) | scaled[index];
        }
    }

    public int Count => (int)_count;

    /// <summary>The scaled weight of a backend, from 1 to 65,535.</summary>
    public int WeightOf(int index) => (int)(_entries[index] & MaxWeight);

    /// <summary>The position some steps after another; also puts one in order that was reached with other backends.</summary>
    public ulong Advance(ulong position, uint steps)
    {
        uint index = (uint)position + steps;
        uint generation = (uint)(position >> 32);
        if (index >= _count)
        {
            (uint generations, index) = Math.DivRem(index, _count);
            generation += generations % MaxWeight;
        }

        return ((ulong)(generation % MaxWeight) << 32) | index;
    }

    /// <summary>Which of the next <see cref="Window"/> steps serve somebody: one bit for each, the first step lowest.</summary>
    /// <param name="position">In order.</param>
    public uint FindServed(ulong position)
    {
        uint served = 0;
        for (int step = 0; step < Window; step += Vector256<uint>.Count)
        {
            served |= FindServedAmongEight((uint)position, (uint)(position >> 32)) << step;
            position = Advance(position, (uint)Vector256<uint>.Count);
        }

        return served;
    }

    /// <summary>
    /// One bit per step: whether (weight × generation + offset) mod 65,535 is in the part of the period that the weight covers. 32 bits do for the sum of both,
    /// and modulo 65,535 the two halves of a number add up.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint FindServedAmongEight(uint index, uint generation)
    {
        Vector256<uint> mask = Vector256.Create(MaxWeight);
        Vector256<uint> entries = Vector256.Create(_entries.AsSpan((int)index, Vector256<uint>.Count));
        Vector256<uint> weights = entries & mask;
        Vector256<uint> phases = (weights * generation) + (entries >>> 16);
        phases = (phases & mask) + (phases >>> 16);

        // What is below 65,535 becomes huge when that is taken off, so the lesser is the remainder.
        phases = Vector256.Min(phases, phases - mask);
        return Vector256.GreaterThanOrEqual((phases + weights).AsInt32(), mask.AsInt32()).ExtractMostSignificantBits();
    }

    /// <summary>The largest, or ten times the mean if that is less, becomes 65,535; the smallest are raised to a hundredth of the mean.</summary>
    private static ushort[] Scale(ReadOnlySpan<double> weights)
    {
        double[] shares = WeightShares.Of(weights);
        double mean = 1.0 / shares.Length;
        double cap = Math.Min(shares.Max(), MaxRatio * mean);
        double scale = MaxWeight / cap;
        double least = Math.Max(1, Math.Round(Math.Round(mean * scale) * MinRatio, MidpointRounding.AwayFromZero));
        ushort[] scaled = new ushort[weights.Length];
        for (int i = 0; i < scaled.Length; i++)
        {
            double weight = Math.Round(Math.Min(shares[i], cap) * scale, MidpointRounding.AwayFromZero);
            scaled[i] = (ushort)Math.Max(weight, least);
        }

        return scaled;
    }
}
