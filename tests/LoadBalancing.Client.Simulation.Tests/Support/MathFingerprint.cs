namespace LoadBalancing.Client.Simulation.Tests.Support;

/// <summary>Whether the platform rounds logarithms and the like to the last digit as the one did where committed figures come from: .NET leaves that to the platform's own library.</summary>
internal static class MathFingerprint
{
    /// <summary>That of x64 Linux with glibc.</summary>
    private const ulong WhereFiguresWereMade = 0xE74294EFAF9CD079;

    public static bool IsThatOfTheFigures => Value == WhereFiguresWereMade;

    /// <summary>FNV-1a over the bits of what simulations compute.</summary>
    public static ulong Value { get; } = Compute();

    private static ulong Compute()
    {
        ulong hash = 0xCBF29CE484222325;
        for (int i = 1; i <= 20_000; i++)
        {
            double x = i / 20_001.0;
            foreach (double value in (double[])[Math.Log(x), Math.Exp(6 * (x - 0.5)), Math.Cos(Math.Tau * x), Math.Pow(i, -x), Math.Log10(i)])
            {
                hash = (hash ^ (ulong)BitConverter.DoubleToInt64Bits(value)) * 0x100000001B3;
            }
        }

        return hash;
    }
}
