using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LoadBalancing.Client.Policies.Rotation;

/// <summary>
/// Who is served at which step of an endless walk over all backends, in proportion to any weights, without state: step s visits backend s mod n in generation s / n, and serves it in as many of
/// 65,535 generations as its weight says, evenly spread. Source: gRPC's static stride scheduler (gRFC A58, 2023).
/// </summary>
/// <remarks>The heaviest weigh 65,535 and are served at every visit, so within n steps somebody is.</remarks>
internal sealed class StrideTable
{
    private const uint MaxWeight = ushort.MaxValue;
    private const double MaxRatio = 10;
    private const double MinRatio = 0.01;

    private readonly Entry[] _entries;
    private readonly Divisor _count;

    /// <param name="weights">Finite and above 0; at least one.</param>
    public StrideTable(ReadOnlySpan<double> weights)
    {
        _entries = new Entry[weights.Length];
        _count = new Divisor((uint)weights.Length);
        ushort[] scaled = Scale(weights);
        for (int i = 0; i < scaled.Length; i++)
        {
            // Neighbours of the same weight are half a period apart, so that they are not skipped in the same generation.
            _entries[i] = new Entry(scaled[i], (ushort)((ulong)i * (MaxWeight / 2) % MaxWeight));
        }
    }

    public int Count => _entries.Length;

    /// <summary>The scaled weight of a backend, from 1 to 65,535.</summary>
    public int WeightOf(int index) => _entries[index].Weight;

    /// <summary>The first step from <paramref name="step"/> on that serves a backend, at most <see cref="Count"/> steps away.</summary>
    /// <param name="step">Where to begin; the step that serves, when this returns.</param>
    /// <returns>The index of the backend that is served.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int FindServed(ref ulong step)
    {
        Entry[] entries = _entries;
        uint generation = (uint)(_count.Divide(step, out uint index) % MaxWeight);
        while (!IsServed(entries[index], generation))
        {
            step++;
            if (++index == (uint)entries.Length)
            {
                index = 0;
                generation = generation + 1 == MaxWeight ? 0 : generation + 1;
            }
        }

        return (int)index;
    }

    /// <summary>At most 65,534 × 65,535 + 65,534, so 32 bits do; the generation counts only modulo the period.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsServed(Entry entry, uint generation) =>
        ((entry.Weight * generation) + entry.Offset) % MaxWeight >= MaxWeight - entry.Weight;

    /// <summary>The largest, or ten times the mean if that is less, becomes 65,535; the smallest are raised to a hundredth of the mean.</summary>
    private static ushort[] Scale(ReadOnlySpan<double> weights)
    {
        // By the largest first: a sum of weights as they are might overflow.
        double largest = 0;
        foreach (double weight in weights)
        {
            largest = Math.Max(largest, weight);
        }

        double sum = 0;
        foreach (double weight in weights)
        {
            sum += weight / largest;
        }

        double mean = sum / weights.Length;
        double cap = Math.Min(1, MaxRatio * mean);
        double scale = MaxWeight / cap;
        double least = Math.Max(1, Math.Round(Math.Round(mean * scale) * MinRatio, MidpointRounding.AwayFromZero));
        ushort[] scaled = new ushort[weights.Length];
        for (int i = 0; i < scaled.Length; i++)
        {
            double weight = Math.Round(Math.Min(weights[i] / largest, cap) * scale, MidpointRounding.AwayFromZero);
            scaled[i] = (ushort)Math.Max(weight, least);
        }

        return scaled;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Entry(ushort Weight, ushort Offset);
}
