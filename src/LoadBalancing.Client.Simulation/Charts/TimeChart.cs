using System.Xml.Linq;

namespace LoadBalancing.Client.Simulation.Charts;

/// <summary>Panels upon one another, with one time axis below all of them.</summary>
internal static class TimeChart
{
    private const double Gap = 12;
    private const double TitleLine = -9;

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

    private static XElement CreateTitle(Panel panel)
    {
        XElement text = Svg.Text("0", TitleLine - (panel.Above - 26), "", "axis");
        text.Add(new XElement(Svg.Namespace + "tspan", new XAttribute("class", "name"), PlainText.Of(panel.Title)), panel.Subtitle.Length == 0 ? "" : PlainText.Of($"  {panel.Subtitle}"));
        return text;
    }
}
