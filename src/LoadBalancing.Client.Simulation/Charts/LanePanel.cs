using System.Text;
using System.Xml.Linq;

namespace LoadBalancing.Client.Simulation.Charts;

/// <summary>Lanes over time: a bar where something was so, as high as the share for which it was.</summary>
internal static class LanePanel
{
    private const double LaneHeight = 28;
    private const double NameLine = 12;
    private const double BarTop = 16;
    private const double BarHeight = 11;

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
        foreach (XElement name in NamedText.Create(4, top + NameLine, lane.Name, lane.What, "label halo"))
        {
            yield return name;
        }
    }

    /// <summary>Each part stands on the ones before it.</summary>
    private static IEnumerable<XElement> CreateParts(Lane lane, TimeFrame time)
    {
        StringBuilder[] paths = [.. lane.Parts.Select(_ => new StringBuilder())];
        int[] next = new int[lane.Parts.Count];
        double[] times = [.. lane.Parts.SelectMany(part => part.Steps).Select(step => step.From).Where(from => from < time.Duration).Append(time.Duration).Distinct().Order()];
        for (int i = 0; i + 1 < times.Length; i++)
        {
            (double from, double to) = (time.PositionOf(times[i]) * Svg.StretchedWidth, time.PositionOf(times[i + 1]) * Svg.StretchedWidth);
            double bottom = BarHeight;
            for (int part = 0; part < paths.Length; part++)
            {
                IReadOnlyList<(double From, double Share)> steps = lane.Parts[part].Steps;
                while (next[part] < steps.Count && steps[next[part]].From <= times[i])
                {
                    next[part]++;
                }

                double height = next[part] == 0 ? 0 : BarHeight * steps[next[part] - 1].Share;
                if (height > 0)
                {
                    paths[part].Append(FormattableString.Invariant($"M{Svg.Number(from)} {Svg.Number(bottom)}H{Svg.Number(to)}v{Svg.Number(-height)}H{Svg.Number(from)}Z"));
                    bottom -= height;
                }
            }
        }

        return lane.Parts.Select((part, index) => Svg.Path(paths[index].ToString(), part.Style));
    }
}
