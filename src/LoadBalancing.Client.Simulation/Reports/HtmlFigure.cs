using System.Xml.Linq;
using LoadBalancing.Client.Simulation.Charts;

namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>A chart in a page, with what there is to say about it, and its figures to unfold.</summary>
internal static class HtmlFigure
{
    /// <param name="chart">The chart.</param>
    /// <param name="id">Its id in the page.</param>
    /// <param name="caption">How to read it.</param>
    public static XElement Create(Chart chart, string id, string caption) => Html.Element(
        "figure",
        Html.Element("figcaption", caption),
        chart.Legend.Count == 0 ? null : Html.Element("ul.legend", chart.Legend.Select(CreateEntry)),
        Html.Element("div.plot", ChartSvg.CreateInline(chart, id)),
        Html.Element("details", Html.Element("summary", "Data table"), chart.Tables.Select(CreateTable)));

    private static XElement CreateEntry(LegendEntry entry)
    {
        XElement swatch = Svg.Element("svg", ("width", "30"), ("height", "10"), ("aria-hidden", "true"));
        swatch.Add(Svg.Path("M0 5H28", entry.Style));
        return Html.Element("li", swatch, entry.Name);
    }

    private static XElement CreateTable(ChartTable table) => Html.Element(
        "div.scroll",
        Html.Attribute("tabindex", "0"),
        Html.Attribute("role", "region"),
        Html.Attribute("aria-label", table.Caption),
        Html.Element(
            "table",
            Html.Element("caption", table.Caption),
            Html.Element("thead", Html.Element("tr", table.Header.Select(name => Html.Element("th", Html.Attribute("scope", "col"), name)))),
            Html.Element("tbody", table.Rows.Select(CreateRow))));

    private static XElement CreateRow(IReadOnlyList<string> cells) =>
        Html.Element("tr", cells.Select((cell, index) => index == 0 ? Html.Element("th", Html.Attribute("scope", "row"), cell) : Html.Element("td", cell)));
}
