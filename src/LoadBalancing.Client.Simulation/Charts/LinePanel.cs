using System.Xml.Linq;

namespace LoadBalancing.Client.Simulation.Charts;

/// <summary>Lines and areas over time, with the names of the lines beside their ends.</summary>
internal static class LinePanel
{
    /// <param name="title">What stands above.</param>
    /// <param name="subtitle">What else stands there.</param>
    /// <param name="height">How high the plot is.</param>
    /// <param name="time">The time axis.</param>
    /// <param name="axis">The axis of the values.</param>
    /// <param name="lines">The lines.</param>
    /// <param name="bands">The areas, which lie behind the lines.</param>
    public static Panel Create(string title, string subtitle, double height, TimeFrame time, Axis axis, IReadOnlyList<LineSeries> lines, params IReadOnlyList<Band> bands)
    {
        TimeSeries series = new(time, axis, height);
        return new Panel
        {
            Title = title,
            Subtitle = subtitle,
            Height = height,
            Marks =
            [
                .. CreateValueAxis(axis, height),
                Svg.Stretched(0, height, [.. bands.Select(band => Svg.Path(series.CreateArea(band.Upper, band.Lower), band.Style)), .. lines.Select(line => Svg.Path(series.CreateLine(line.Values), line.Style))]),
                .. lines.Count == 0 ? Array.Empty<XElement>() : [SeriesLabels.Create(lines, axis, height)],
            ],
        };
    }

    /// <summary>Lines at the ticks, and their labels to the left.</summary>
    private static IEnumerable<XElement> CreateValueAxis(Axis axis, double height)
    {
        foreach (double tick in axis.Ticks)
        {
            double y = height * (1 - axis.PositionOf(tick));
            yield return Svg.Horizontal(y, tick == axis.From ? "base" : "grid");
            yield return Svg.Text("-6", y + 4, axis.LabelOf(tick), "tick", "end");
        }
    }
}
