using System.Xml.Linq;
using LoadBalancing.Client.Simulation.Charts;

namespace LoadBalancing.Client.Simulation.Tests.Support;

/// <summary>Reads what was drawn.</summary>
internal static class Drawn
{
    /// <summary>Parses it, which throws when it is not well formed.</summary>
    public static XElement Parse(string svg) => XDocument.Parse(svg).Root.ShouldNotBeNull();

    public static IEnumerable<XElement> Drawings(this XElement root, string name) => root.Descendants(Svg.Namespace + name);

    /// <summary>Elements that have a style, among others.</summary>
    public static IEnumerable<XElement> Styled(this XElement root, string style) =>
        root.Descendants().Where(element => ((string?)element.Attribute("class") ?? "").Split(' ').Contains(style));

    /// <summary>Every path is drawn with numbers.</summary>
    public static void ShouldHaveFinitePlaces(this XElement root)
    {
        foreach (XAttribute attribute in root.DescendantsAndSelf().Attributes().Where(attribute => attribute.Name.LocalName is not ("class" or "id")))
        {
            attribute.Value.ShouldNotContain("NaN");
            attribute.Value.ShouldNotContain("∞");
            attribute.Value.ShouldNotContain("Infinity");
        }
    }
}
