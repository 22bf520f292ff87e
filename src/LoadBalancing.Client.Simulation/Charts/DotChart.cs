using System.Xml.Linq;

namespace LoadBalancing.Client.Simulation.Charts;

/// <summary>Rows of dots on one axis. The shape of a dot says what it is, so that a row can have the colour of its series.</summary>
internal static class DotChart
{
    private const double RowHeight = 54;
    private const double NameLine = 15;
    private const double DotLine = 30;
    private const double LabelLine = 48;

    /// <summary>Up to four, as many as there are shapes.</summary>
    private static readonly string[] Shapes = ["M-5 0A5 5 0 1 0 5 0A5 5 0 1 0 -5 0Z", "M-4.5 -4.5H4.5V4.5H-4.5Z", "M0 -6L5.5 4.5H-5.5Z", "M0 -6.5L6 0L0 6.5L-6 0Z"];

    /// <param name="title">What it shows.</param>
    /// <param name="description">What is to be seen, in figures.</param>
    /// <param name="kinds">What the dots of a row are.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="axis">The axis of all.</param>
    public static Chart Create(string title, string description, IReadOnlyList<string> kinds, IReadOnlyList<DotRow> rows, Axis axis)
    {
        double height = rows.Count * RowHeight;
        return new Chart
        {
            Title = title,
            Description = description,
            Height = height,
            Marks =
            [
                .. kinds.SelectMany((kind, index) => CreateKey(kind, index, kinds.Count)),
                .. axis.Ticks.Select(tick => Svg.Vertical(axis.PositionOf(tick), 0, height, tick == axis.From ? "base" : "grid")),
                .. axis.Ticks.Select(tick => Svg.Text(Svg.Percent(axis.PositionOf(tick)), height + 17, axis.LabelOf(tick), "tick", "middle")),
                Svg.Text("100%", height + 34, axis.Title, "axis", "end"),
                .. rows.SelectMany((row, index) => CreateRow(row, index, kinds, axis)),
            ],
        };
    }

    private static IEnumerable<XElement> CreateKey(string kind, int index, int count)
    {
        double x = index / (double)count;
        yield return Svg.At(x, Svg.Element("path", ("d", Shapes[index]), ("transform", "translate(6 -14)"), ("class", "key")), Svg.Text("17", -10, kind, "label"));
    }

    private static IEnumerable<XElement> CreateRow(DotRow row, int index, IReadOnlyList<string> kinds, Axis axis)
    {
        double top = index * RowHeight;
        foreach (XElement name in NamedText.Create(6, top + NameLine, row.Name, "", "label"))
        {
            yield return name;
        }

        double[] places = [.. row.Values.Select(axis.PositionOf)];
        int[] present = [.. Enumerable.Range(0, places.Length).Where(kind => !double.IsNaN(row.Values[kind]))];
        if (present.Length == 0)
        {
            yield return Svg.Text("6", top + DotLine + 4, "no requests", "axis");
            yield break;
        }

        (string line, string y) = (Svg.Percent(places[present[0]]), Svg.Number(top + DotLine));
        yield return Svg.Element("line", ("x1", line), ("x2", Svg.Percent(places[present[^1]])), ("y1", y), ("y2", y), ("class", "track"));
        foreach (int kind in present)
        {
            yield return Svg.At(places[kind], Svg.Element("path", ("d", Shapes[kind]), ("transform", $"translate(0 {y})"), ("class", $"halo {row.Style}")));
        }

        foreach (DotLabel label in DotLabel.CreateAll(kinds, row, places, present))
        {
            yield return Svg.Text(Svg.Percent(label.Place), top + LabelLine, label.Text, label.Style, label.Anchor);
        }
    }
}
