using System.Text;
using System.Xml.Linq;

namespace LoadBalancing.Client.Simulation.Charts;

/// <summary>Lanes over time: a bar where something was so, as high as the share for which it was.</summary>
internal static class LanePanel
{
    private const double LaneHeight = 28;
    private const double NameLine = 12;
    private const double BarTop = 16;
    private const double BarHeight = 10;

    public static Panel Create(string title, string subtitle, TimeFrame time, IReadOnlyList<Lane> lanes) => new()
    {
        Title = title,
        Subtitle = subtitle,
        Height = lanes.Count * LaneHeight,
        HasEvents = false,
        Marks = [.. lanes.SelectMany((lane, index) => CreateLane(lane, index * LaneHeight, time))],
    };

    private static IEnumerable<XElement> CreateLane(Lane lane, double top, TimeFrame time)
    {
        yield return Svg.Element("rect", ("x", "0"), ("width", "100%"), ("y", Svg.Number(top + BarTop)), ("height", Svg.Number(BarHeight)), ("class", "lane"));
        yield return Svg.Stretched(top + BarTop, BarHeight, CreateParts(lane, time));
        XElement name = Svg.Text("4", top + NameLine, "", "label halo");
        name.Add(new XElement(Svg.Namespace + "tspan", new XAttribute("class", "name"), PlainText.Of(lane.Name)), PlainText.Of(lane.Name.Length == 0 ? lane.What : $"  {lane.What}"));
        yield return name;
    }

    /// <summary>Each part stands on the ones before it.</summary>
    private static IEnumerable<XElement> CreateParts(Lane lane, TimeFrame time)
    {
        List<IReadOnlyList<(double From, double Share)>> below = [];
        foreach (LanePart part in lane.Parts)
        {
            StringBuilder path = new();
            double[] times = [.. part.Steps.Concat(below.SelectMany(steps => steps)).Select(step => step.From).Append(time.Duration).Distinct().Order()];
            for (int i = 0; i + 1 < times.Length; i++)
            {
                double share = ShareAt(part.Steps, times[i]);
                if (share > 0)
                {
                    double bottom = BarHeight * (1 - below.Sum(steps => ShareAt(steps, times[i])));
                    (double from, double to) = (time.PositionOf(times[i]) * Svg.StretchedWidth, time.PositionOf(times[i + 1]) * Svg.StretchedWidth);
                    path.Append(FormattableString.Invariant($"M{Svg.Number(from)} {Svg.Number(bottom)}H{Svg.Number(to)}v{Svg.Number(-BarHeight * share)}H{Svg.Number(from)}Z"));
                }
            }

            below.Add(part.Steps);
            yield return Svg.Path(path.ToString(), part.Style);
        }
    }

    private static double ShareAt(IReadOnlyList<(double From, double Share)> steps, double time) => steps.LastOrDefault(step => step.From <= time).Share;
}
