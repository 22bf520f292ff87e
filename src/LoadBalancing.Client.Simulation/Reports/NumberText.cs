using System.Globalization;

namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>Numbers for people, the same in every culture.</summary>
internal static class NumberText
{
    public const string Whole = "#,0";
    public const string TwoDigits = "#,0.00";

    public static string Count(long value) => Format(value, Whole);

    /// <summary>A share of 1 as a percentage.</summary>
    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.00} %");

    public static string Decimal(double value) => Format(value, TwoDigits);

    public static string Milliseconds(double value) => Format(value, value < 100 ? TwoDigits : "#,0.0");

    /// <summary>Three digits, or as many as a whole number has.</summary>
    public static string Short(double value) => Format(value, Math.Abs(value) switch
    {
        >= 99.95 => Whole,
        >= 9.995 => "0.#",
        _ => "0.##",
    });

    public static string Seconds(double value) => Format(value, "#,0.###") + " s";

    public static string Format(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>With its sign.</summary>
    public static string Difference(double value, string format) => value.ToString($"+{format};-{format};{format}", CultureInfo.InvariantCulture);
}
