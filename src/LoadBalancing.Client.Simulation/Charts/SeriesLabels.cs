using System.Xml.Linq;

namespace LoadBalancing.Client.Simulation.Charts;

/// <summary>The names of lines, to the right of a plot, each near the end of its line.</summary>
internal static class SeriesLabels
{
    private const double LineHeight = 14;
    private const double Gap = 3;
    private const double TextBegins = 30;
    private const int LongestLine = 22;

    public static XElement Create(IReadOnlyList<LineSeries> series, Axis axis, double height)
    {
        (LineSeries Series, string[] Lines, double Y)[] labels =
        [
            .. series.Select(line => (line, Split(line.Name), height * (1 - axis.PositionOf(line.Values.LastOrDefault(value => !double.IsNaN(value), axis.From))))),
        ];
        double[] places = Spread([.. labels.Select(label => (label.Y, (label.Lines.Length * LineHeight) + Gap))], height);
        XElement beside = Svg.At(1, labels.SelectMany((label, index) => CreateLabel(label.Series, label.Lines, label.Y, places[index])));
        beside.SetAttributeValue("class", "beside");
        return beside;
    }

    /// <summary>Moves labels apart that would lie upon one another, and no further than it takes.</summary>
    /// <param name="labels">Where the middle of each should be, and how high it is.</param>
    /// <param name="height">Where the room ends.</param>
    public static double[] Spread(IReadOnlyList<(double Wanted, double Height)> labels, double height)
    {
        int[] order = [.. Enumerable.Range(0, labels.Count).OrderBy(index => labels[index].Wanted)];
        double[] places = new double[labels.Count];
        double free = double.NegativeInfinity;
        foreach (int index in order)
        {
            double half = labels[index].Height / 2;
            places[index] = Math.Max(labels[index].Wanted, free + half);
            free = places[index] + half;
        }

        double end = Math.Max(height, labels.Sum(label => label.Height));
        foreach (int index in order.Reverse())
        {
            double half = labels[index].Height / 2;
            places[index] = Math.Min(places[index], end - half);
            end = places[index] - half;
        }

        return places;
    }

    /// <summary>A policy and its options have a line each.</summary>
    private static string[] Split(string name) => [.. name.Split(':', 2).Select(line => line.Length <= LongestLine ? line : string.Concat(line.AsSpan(0, LongestLine - 1), "…"))];

    private static IEnumerable<XElement> CreateLabel(LineSeries series, string[] lines, double from, double to)
    {
        yield return Svg.Path($"M2 {Svg.Number(from)}L12 {Svg.Number(to)}H26", series.Style);
        double first = to + 4 - ((lines.Length - 1) * LineHeight / 2);
        for (int i = 0; i < lines.Length; i++)
        {
            yield return Svg.Text(Svg.Number(TextBegins), first + (i * LineHeight), lines[i], i == 0 ? "label" : "tick");
        }
    }
}
