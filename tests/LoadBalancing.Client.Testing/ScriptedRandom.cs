using System.Buffers.Binary;
using System.Globalization;

namespace LoadBalancing.Client.Testing;

/// <summary>
/// A random that returns what a test wrote down, and fails on a draw that the test did not expect. Where any repeatable
/// numbers will do, use <c>new Random(1)</c>.
/// </summary>
/// <example><c>new ScriptedRandom { Integers = [2, 0], Doubles = [0.25] }</c></example>
public sealed class ScriptedRandom : Random
{
    private int _nextInteger;
    private int _nextDouble;

    /// <summary>
    /// What the <c>Next</c> and <c>NextInt64</c> methods return, in order; each must lie in the range that is asked for.
    /// <c>NextBytes</c> takes one for every eight bytes (little-endian).
    /// </summary>
    public IReadOnlyList<long> Integers { get; init; } = [];

    /// <summary>What <c>NextDouble</c> and <c>NextSingle</c> return, in order: at least 0 and less than 1.</summary>
    public IReadOnlyList<double> Doubles { get; init; } = [];

    /// <summary>The number of scripted values that were not drawn yet.</summary>
    public int Remaining => Integers.Count - _nextInteger + Doubles.Count - _nextDouble;

    /// <inheritdoc/>
    public override int Next() => Next(0, int.MaxValue);

    /// <inheritdoc/>
    public override int Next(int maxValue) => Next(0, maxValue);

    /// <inheritdoc/>
    public override int Next(int minValue, int maxValue) => (int)Draw($"Next({minValue}, {maxValue})", minValue, maxValue);

    /// <inheritdoc/>
    public override long NextInt64() => NextInt64(0, long.MaxValue);

    /// <inheritdoc/>
    public override long NextInt64(long maxValue) => NextInt64(0, maxValue);

    /// <inheritdoc/>
    public override long NextInt64(long minValue, long maxValue) => Draw($"NextInt64({minValue}, {maxValue})", minValue, maxValue);

    /// <inheritdoc/>
    public override float NextSingle() => (float)Sample();

    /// <inheritdoc/>
    public override double NextDouble() => Sample();

    /// <inheritdoc/>
    public override void NextBytes(byte[] buffer) => NextBytes(buffer.AsSpan());

    /// <inheritdoc/>
    public override void NextBytes(Span<byte> buffer)
    {
        Span<byte> word = stackalloc byte[sizeof(long)];
        for (; !buffer.IsEmpty; buffer = buffer[Math.Min(word.Length, buffer.Length)..])
        {
            BinaryPrimitives.WriteInt64LittleEndian(word, Take(Integers, ref _nextInteger, "NextBytes"));
            word[..Math.Min(word.Length, buffer.Length)].CopyTo(buffer);
        }
    }

    /// <inheritdoc/>
    protected override double Sample()
    {
        double value = Take(Doubles, ref _nextDouble, "NextDouble()");
        return value is >= 0 and < 1
            ? value
            : throw new InvalidOperationException(Invariant($"Scripted double {_nextDouble} is {value}; allowed is 0 to less than 1."));
    }

    private static T Take<T>(IReadOnlyList<T> script, ref int next, string call) => next < script.Count
        ? script[next++]
        : throw new InvalidOperationException($"The script has run out at {call}: all of its {script.Count} values of this kind were drawn.");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private long Draw(FormattableString call, long minValue, long maxValue)
    {
        long value = Take(Integers, ref _nextInteger, Invariant(call));

        // As in Random, an empty range yields its only bound.
        return (value >= minValue && value < maxValue) || (value == minValue && minValue == maxValue)
            ? value
            : throw new InvalidOperationException(Invariant($"Scripted integer {_nextInteger} is {value}, which {call} cannot return."));
    }
}
