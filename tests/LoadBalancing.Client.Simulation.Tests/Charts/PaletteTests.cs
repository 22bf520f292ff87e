using System.Globalization;
using LoadBalancing.Client.Simulation.Charts;

namespace LoadBalancing.Client.Simulation.Tests.Charts;

/// <summary>Contrast as WCAG 2.2 defines it: 4.5 for text, 3 for marks.</summary>
public sealed class PaletteTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Colours_OnEveryBackground_HaveEnoughContrast(bool isDark)
    {
        Palette palette = isDark ? Palette.Dark : Palette.Light;

        foreach (string background in palette.Backgrounds)
        {
            palette.Texts.ShouldAllBe(colour => Contrast(colour, background) >= 4.5);
            palette.Marks.ShouldAllBe(colour => Contrast(colour, background) >= 3);
        }
    }

    [Fact]
    public void LineOf_FortySeries_AreAllDifferent() => Enumerable.Range(0, 40).Select(series => ChartStyle.LineOf(series)).Distinct().Count().ShouldBe(40);

    private static double Contrast(string first, string second)
    {
        double[] luminances = [Luminance(first), Luminance(second)];
        return (luminances.Max() + 0.05) / (luminances.Min() + 0.05);
    }

    private static double Luminance(string colour)
    {
        double[] parts = [.. new[] { 1, 3, 5 }.Select(at => int.Parse(colour.AsSpan(at, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255.0).Select(part => part <= 0.04045 ? part / 12.92 : Math.Pow((part + 0.055) / 1.055, 2.4))];
        return (0.2126 * parts[0]) + (0.7152 * parts[1]) + (0.0722 * parts[2]);
    }
}
