using System.Xml.Linq;

namespace LoadBalancing.Client.Simulation.Charts;

/// <summary>Makes an SVG of a chart: one that fills its place in a page, or a file of its own.</summary>
internal static class ChartSvg
{
    private const double FileWidth = 640;
    private const double FileMargin = 16;
    private const double FileLeft = 56;
    private const double FileRight = 84;
    private const double FileTitle = 36;

    /// <summary>For a page that has the styles of <see cref="ChartStyle"/>. It is as wide as the plot: labels reach into the space around it.</summary>
    /// <param name="chart">What to draw.</param>
    /// <param name="id">Its id in the page.</param>
    public static XElement CreateInline(Chart chart, string id)
    {
        XElement root = Describe(Svg.Element("svg", ("class", "chart"), ("width", "100%"), ("height", Svg.Number(chart.Above + chart.Height + chart.Below))), chart, id);
        root.Add(CreatePlot(chart, "0", chart.Above, "100%"));
        return root;
    }

    /// <summary>The text of a file that follows the theme of whom it is shown to, with a background of its own: the page around it may have another theme.</summary>
    /// <param name="chart">What to draw.</param>
    public static string CreateFile(Chart chart)
    {
        double top = FileMargin + FileTitle + chart.Above;
        double height = top + chart.Height + chart.Below + FileMargin;
        (string width, string full) = (Svg.Number(FileWidth), Svg.Number(height));
        XElement root = Describe(Svg.Element("svg", ("width", width), ("height", full), ("viewBox", $"0 0 {width} {full}")), chart, "chart");
        root.Add(new XElement(Svg.Namespace + "style", Palette.CreateStyle() + ChartStyle.Text));
        root.Add(Svg.Element("rect", ("width", width), ("height", full), ("rx", "8"), ("class", "surface")));
        root.Add(Svg.Text(Svg.Number(FileMargin), FileMargin + 16, chart.Title, "title"));
        root.Add(CreatePlot(chart, Svg.Number(FileLeft), top, Svg.Number(FileWidth - FileLeft - FileRight)));
        return root.ToString(SaveOptions.DisableFormatting) + "\n";
    }

    private static XElement Describe(XElement root, Chart chart, string id)
    {
        (string title, string description) = ($"{id}-title", $"{id}-description");
        root.SetAttributeValue("role", "img");
        root.SetAttributeValue("aria-labelledby", title);
        root.SetAttributeValue("aria-describedby", description);
        root.Add(new XElement(Svg.Namespace + "title", new XAttribute("id", title), PlainText.Of(chart.Title)));
        root.Add(new XElement(Svg.Namespace + "desc", new XAttribute("id", description), PlainText.Of(chart.Description)));
        return root;
    }

    private static XElement CreatePlot(Chart chart, string x, double y, string width)
    {
        XElement plot = Svg.Element("svg", ("x", x), ("y", Svg.Number(y)), ("width", width), ("height", Svg.Number(chart.Height)), ("overflow", "visible"));
        plot.Add(chart.Marks);
        return plot;
    }
}
