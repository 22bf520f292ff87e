using System.Xml.Linq;

namespace LoadBalancing.Client.Simulation.Charts;

/// <summary>Panels upon one another, with one time axis below all of them.</summary>
internal static class TimeChart
{
    private const double Gap = 12;
    private const double TitleLine = -9;
    private const double TitleRoom = 26;

    public static Chart Create(string title, string description, TimeFrame time, IReadOnlyList<Panel> panels)
    {
        List<XElement> marks = [];
        double y = -Gap;
        foreach (Panel panel in panels)
        {
            y += Gap + panel.Above;
            XElement place = Svg.Element("svg", ("x", "0"), ("y", Svg.Number(y)), ("width", "100%"), ("height", Svg.Number(panel.Height)), ("overflow", "visible"));
            place.Add(time.CreateBackground(panel.Height, panel.HasEvents), panel.Marks, CreateTitle(panel));
            marks.Add(place);
            y += panel.Height;
        }

        return new Chart { Title = title, Description = description, Above = 0, Height = y, Marks = [.. marks, .. time.CreateLabels(y)] };
    }

    private static IEnumerable<XElement> CreateTitle(Panel panel) => NamedText.Create(0, TitleLine - (panel.Above - TitleRoom), panel.Title, panel.Subtitle, "axis");
}
