using System.Globalization;
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

    /// <summary>How many steps of height a pixel has: finer ones nobody sees.</summary>
    private const int StepsPerPixel = 4;

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
        List<Bar>[] bars = [.. lane.Parts.Select(_ => new List<Bar>())];
        int[] next = new int[lane.Parts.Count];
        double[] times = [.. lane.Parts.SelectMany(part => part.Steps).Select(step => step.From).Where(from => from < time.Duration).Append(time.Duration).Distinct().Order()];
        for (int i = 0; i + 1 < times.Length; i++)
        {
            double bottom = BarHeight;
            for (int part = 0; part < bars.Length; part++)
            {
                IReadOnlyList<(double From, double Share)> steps = lane.Parts[part].Steps;
                while (next[part] < steps.Count && steps[next[part]].From <= times[i])
                {
                    next[part]++;
                }

                double height = next[part] == 0 ? 0 : HeightOf(steps[next[part] - 1].Share);
                if (height > 0)
                {
                    Add(bars[part], new Bar(times[i], times[i + 1], bottom, height));
                    bottom -= height;
                }
            }
        }

        return lane.Parts.Select((part, index) => Svg.Path(CreatePath(bars[index], time), part.Style));
    }

    /// <summary>What is so at all can be seen.</summary>
    private static double HeightOf(double share) => share == 0 ? 0 : Math.Max(1, Math.Round(BarHeight * share * StepsPerPixel)) / StepsPerPixel;

    /// <summary>Makes the last bar longer where this one goes on like it.</summary>
    private static void Add(List<Bar> bars, Bar bar)
    {
        if (bars.Count > 0 && bars[^1] is var last && last.To == bar.From && last.Bottom == bar.Bottom && last.Height == bar.Height)
        {
            bars[^1] = last with { To = bar.To };
        }
        else
        {
            bars.Add(bar);
        }
    }

    private static string CreatePath(IEnumerable<Bar> bars, TimeFrame time)
    {
        StringBuilder path = new();
        foreach (Bar bar in bars)
        {
            string from = Svg.Number(time.PositionOf(bar.From) * Svg.StretchedWidth);
            string to = Svg.Number(time.PositionOf(bar.To) * Svg.StretchedWidth);
            path.Append(CultureInfo.InvariantCulture, $"M{from} {Svg.Number(bar.Bottom)}H{to}v{Svg.Number(-bar.Height)}H{from}Z");
        }

        return path.ToString();
    }

    private readonly record struct Bar(double From, double To, double Bottom, double Height);
}
