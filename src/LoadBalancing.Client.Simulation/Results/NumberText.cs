using System.Globalization;

namespace LoadBalancing.Client.Simulation.Results;

/// <summary>Numbers for people, the same in every culture.</summary>
internal static class NumberText
{
    public static string Count(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>A share of 1 as a percentage.</summary>
    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.00} %");

    public static string Decimal(double value) => value.ToString("#,0.00", CultureInfo.InvariantCulture);

    public static string Milliseconds(double value) => value.ToString(value < 100 ? "#,0.00" : "#,0.0", CultureInfo.InvariantCulture);

    /// <summary>With its sign.</summary>
    public static string Difference(double value, string format) => value.ToString($"+{format};-{format};{format}", CultureInfo.InvariantCulture);
}
