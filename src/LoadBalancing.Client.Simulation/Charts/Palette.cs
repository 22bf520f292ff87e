using System.Globalization;
using System.Text;

namespace LoadBalancing.Client.Simulation.Charts;

/// <summary>
/// The colours of both themes, as custom properties of CSS. Series are told apart by people who see no red or no green as well, as far as eight colours can do that; each has dashes of its own and a label besides.
/// </summary>
internal sealed class Palette
{
    private readonly (string Name, string Colour)[] _texts;
    private readonly (string Name, string Colour)[] _marks;
    private readonly (string Name, string Colour)[] _areas;

    private Palette((string Name, string Colour)[] texts, string[] series, (string Name, string Colour)[] marks, (string Name, string Colour)[] areas, string[] heat)
    {
        _texts = texts;
        _marks = [.. series.Select((colour, index) => (FormattableString.Invariant($"s{index}"), colour)), .. marks];
        _areas = [.. areas, .. Enumerable.Range(0, HeatLevels).Select(level => (FormattableString.Invariant($"h{level}"), Mix(heat, level / (HeatLevels - 1.0))))];
    }

    /// <summary>How many levels a heat map has, nothing being one of them.</summary>
    public const int HeatLevels = 11;

    /// <summary>How many series have a colour of their own.</summary>
    public static int SeriesCount => 8;

    public static Palette Light { get; } = new(
        [("ink", "#1b1f24"), ("muted", "#57606a")],
        ["#0b62c4", "#c24e00", "#4f172a", "#12866a", "#8250df", "#bf2a6b", "#6b4f00", "#1f7f95"],
        [("bad", "#c4301c"), ("warn", "#9a6700"), ("note", "#6e7781")],
        [("surface", "#ffffff"), ("panel", "#f6f8fa"), ("grid", "#d8dee4"), ("band", "#eceff2")],
        ["#edf1f5", "#c9dcf2", "#94bdea", "#5596dc", "#1d69bd", "#0a3a75"]);

    public static Palette Dark { get; } = new(
        [("ink", "#e6edf3"), ("muted", "#a3adb8")],
        ["#63a9ff", "#ff9b4a", "#d3f2e6", "#2f9e79", "#b794ff", "#ff7ab0", "#e3d04b", "#3fb9cf"],
        [("bad", "#ff7b6b"), ("warn", "#e3b341"), ("note", "#8b949e")],
        [("surface", "#12161c"), ("panel", "#1a2028"), ("grid", "#2f3740"), ("band", "#222a33")],
        ["#1e252d", "#173f6d", "#1d62ad", "#3f8fe8", "#86bdf9", "#dcecff"]);

    /// <summary>Colours of text.</summary>
    public IEnumerable<string> Texts => _texts.Select(entry => entry.Colour);

    /// <summary>Colours of lines and dots.</summary>
    public IEnumerable<string> Marks => _marks.Select(entry => entry.Colour);

    /// <summary>What all is drawn on.</summary>
    public IEnumerable<string> Backgrounds => _areas.Where(entry => entry.Name is "surface" or "panel" or "band").Select(entry => entry.Colour);

    /// <summary>The light theme, and the dark one on screens that prefer it: paper is light.</summary>
    public static string CreateStyle() => $":root{{color-scheme:light dark;{Light.Declare()}}}@media screen and (prefers-color-scheme:dark){{:root{{{Dark.Declare()}}}}}";

    private string Declare()
    {
        StringBuilder text = new();
        foreach ((string name, string colour) in _texts.Concat(_marks).Concat(_areas))
        {
            text.Append("--").Append(name).Append(':').Append(colour).Append(';');
        }

        return text.ToString();
    }

    /// <summary>A colour of a scale, between two of its stops.</summary>
    private static string Mix(string[] stops, double place)
    {
        double position = place * (stops.Length - 1);
        int index = Math.Min((int)position, stops.Length - 2);
        IEnumerable<string> parts = Enumerable.Range(0, 3).Select(part =>
        {
            (int from, int to) = (Read(stops[index], part), Read(stops[index + 1], part));
            return ((int)Math.Round(from + ((to - from) * (position - index)))).ToString("x2", CultureInfo.InvariantCulture);
        });
        return $"#{string.Concat(parts)}";
    }

    private static int Read(string colour, int part) => int.Parse(colour.AsSpan(1 + (2 * part), 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
