using System.Globalization;

namespace LoadBalancing.Client.Policies.Consistent;

/// <summary>The option <c>BoundedLoadFactor</c>, which the table policies share.</summary>
internal static class BoundedLoads
{
    /// <summary>What it must be, for messages.</summary>
    public const string Requirement = "must be 0 (off) or a finite number, 1 or more, for example 1.25";

    public static bool IsValid(double value) => value is 0 || (value >= 1 && double.IsFinite(value));

    public static double? Check(double? value, string name) =>
        value is null || IsValid(value.Value) ? value : throw new ArgumentOutOfRangeException(name, value, $"A bounded load factor {Requirement}.");

    public static string Describe(double? factor) =>
        factor > 0 ? string.Create(CultureInfo.InvariantCulture, $", each with at most {factor} times its share in flight") : "";
}
