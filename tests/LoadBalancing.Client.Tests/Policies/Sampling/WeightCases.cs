using FsCheck;
using FsCheck.Fluent;

namespace LoadBalancing.Client.Tests.Policies.Sampling;

/// <summary>Weights to try, from everyday ones to the ends of the range.</summary>
public static class WeightCases
{
    private static readonly Dictionary<string, double[]> ByName = new(StringComparer.Ordinal)
    {
        ["one"] = [3],
        ["two equal"] = [1, 1],
        ["two, 1:3"] = [1, 3],
        ["1:2:3"] = [1, 2, 3],
        ["1:1000"] = [1, 1000],
        ["five of many sizes"] = [5, 1, 0.1, 30, 2.5],
        ["forty-nine, one large"] = [49, .. Enumerable.Repeat(1.0, 48)],
        ["hundred rising"] = [.. Enumerable.Range(1, 100).Select(weight => (double)weight)],
        ["dominating"] = [1e300, 1e-300, 1e-300, 1e-300],
        ["dominating last"] = [1e-300, 1e-300, 1e-300, 1e300],
        ["all tiny"] = [1e-300, 2e-300, 3e-300],
        ["all huge"] = [1e300, 2e300, 3e300],
        ["largest there is"] = [double.MaxValue, double.MaxValue, double.MaxValue / 2],
        ["denormal"] = [double.Epsilon, double.Epsilon, 2 * double.Epsilon],
        ["denormal and large"] = [double.Epsilon, 1e308, 1, 1],
    };

    public static TheoryData<string> Ordinary => ["one", "two equal", "two, 1:3", "1:2:3", "1:1000", "five of many sizes", "forty-nine, one large", "hundred rising"];

    public static IEnumerable<string> AllNames => ByName.Keys;

    public static TheoryData<string> All => [.. AllNames];

    /// <summary>One to thirty weights, each anywhere between the smallest and the largest number above 0, most of them everyday ones.</summary>
    public static Arbitrary<double[]> Any { get; } = AnyOf(1);

    public static Arbitrary<double[]> AnyOfTwoOrMore { get; } = AnyOf(2);

    public static double[] Of(string name) => ByName[name];

    private static Arbitrary<double[]> AnyOf(int least)
    {
        Gen<double> everyday = Gen.Choose(1, 100).Select(value => value / 10.0);
        Gen<double> extreme = Gen.Choose(-323, 308).Select(exponent => Math.Max(double.Epsilon, Math.Pow(10, exponent)));
        Gen<double> weight = Gen.Frequency((6, everyday), (1, extreme), (1, Gen.Constant(1.0)));
        return Gen.Choose(least, 30).SelectMany(count => Gen.ArrayOf(weight, count)).ToArbitrary();
    }
}
