using System.Globalization;
using System.Xml.Linq;

namespace LoadBalancing.Client.Simulation.Charts;

/// <summary>
/// Elements of an SVG. What is written is escaped by the writer of XML, so that no text can be anything but text. Places from left to right are shares of the width (<see cref="Percent"/>),
/// so that a chart fits every width while its text stays as large as it is; places from top to bottom are pixels.
/// </summary>
internal static class Svg
{
    /// <summary>How wide the room is that <see cref="Stretched"/> draws in.</summary>
    public const double StretchedWidth = 1000;

    public static readonly XNamespace Namespace = "http://www.w3.org/2000/svg";

    public static XElement Element(string name, params (string Name, string Value)[] attributes) =>
        new(Namespace + name, attributes.Select(attribute => new XAttribute(attribute.Name, attribute.Value)));

    public static string Percent(double share) => Number(100 * share) + "%";

    /// <summary>A hundredth of a pixel is as exact as anybody can see.</summary>
    public static string Number(double value) => (Math.Round(value, 2) + 0.0).ToString("0.##", CultureInfo.InvariantCulture);

    public static XElement Text(string x, double y, string text, string style, string? anchor = null)
    {
        XElement element = Element("text", ("x", x), ("y", Number(y)), ("class", style));
        if (anchor is not null)
        {
            element.SetAttributeValue("text-anchor", anchor);
        }

        element.Value = PlainText.Of(text);
        return element;
    }

    public static XElement Horizontal(double y, string style) => Element("line", ("x1", "0"), ("x2", "100%"), ("y1", Number(y)), ("y2", Number(y)), ("class", style));

    public static XElement Vertical(double share, double from, double to, string style) =>
        Element("line", ("x1", Percent(share)), ("x2", Percent(share)), ("y1", Number(from)), ("y2", Number(to)), ("class", style));

    public static XElement Rectangle(double from, double to, double y, double height, string style) =>
        Element("rect", ("x", Percent(from)), ("width", Percent(to - from)), ("y", Number(y)), ("height", Number(height)), ("class", style));

    public static XElement Path(string data, string style) => Element("path", ("d", data), ("class", style));

    /// <summary>Room for paths, which know no shares of a width: they are drawn <see cref="StretchedWidth"/> wide, and stretched. Lines keep their width.</summary>
    public static XElement Stretched(double y, double height, params IEnumerable<XElement> content)
    {
        XElement room = Element(
            "svg", ("x", "0"), ("y", Number(y)), ("width", "100%"), ("height", Number(height)), ("viewBox", $"0 0 {Number(StretchedWidth)} {Number(height)}"), ("preserveAspectRatio", "none"), ("overflow", "visible"));
        room.Add(content);
        return room;
    }

    /// <summary>Room whose origin is at a share of the width, and in which all places are pixels.</summary>
    public static XElement At(double share, params IEnumerable<XElement> content)
    {
        XElement room = Element("svg", ("x", Percent(share)), ("overflow", "visible"));
        room.Add(content);
        return room;
    }
}
