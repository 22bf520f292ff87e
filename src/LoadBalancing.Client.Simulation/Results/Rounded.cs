namespace LoadBalancing.Client.Simulation.Results;

/// <summary>Numbers as reports have them: no more digits than mean something.</summary>
internal static class Rounded
{
    private const int Digits = 4;
    private const int DigitsOfShares = 6;

    public static double Number(double value) => Math.Round(value, Digits);

    /// <summary>A share of a whole; 0 of nothing.</summary>
    public static double Share(long part, long whole) => whole == 0 ? 0 : Math.Round(part / (double)whole, DigitsOfShares);
}
