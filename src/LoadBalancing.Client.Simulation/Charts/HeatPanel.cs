using System.Text;
using System.Xml.Linq;

namespace LoadBalancing.Client.Simulation.Charts;

/// <summary>A row for each of many things and a column for each interval; the darker or, in the dark theme, the brighter, the more.</summary>
internal static class HeatPanel
{
    private const double RoomForKey = 42;
    private const int Levels = Palette.HeatLevels;
    private const int LongestName = 8;
    private const double SwatchWidth = 10;
    private const double NameHeight = 12;

    /// <summary>How high all rows together are at most, and one row at most.</summary>
    private const double HighestPlot = 240;
    private const double HighestRow = 13;

    /// <param name="title">What stands above.</param>
    /// <param name="note">What stands beside the key, such as what a row is.</param>
    /// <param name="time">The time axis.</param>
    /// <param name="axis">What the levels go by; its title stands above too.</param>
    /// <param name="rows">The rows, those of one group together.</param>
    public static Panel Create(string title, string note, TimeFrame time, Axis axis, IReadOnlyList<HeatRow> rows)
    {
        double[] tops = CreateTops(rows);
        double height = tops[^1];
        XElement cells = Svg.Stretched(0, height, CreateCells(axis, rows, tops));
        cells.SetAttributeValue("viewBox", $"0 0 {Svg.Number(time.Duration / time.Interval)} {Svg.Number(height)}");
        return new Panel
        {
            Title = title,
            Subtitle = axis.Title,
            Height = height,
            Above = RoomForKey,
            Marks = [cells, .. CreateNames(rows, tops), CreateKey(axis, note)],
        };
    }

    /// <summary>One path for each level, in which neighbours of a row are one rectangle.</summary>
    private static IEnumerable<XElement> CreateCells(Axis axis, IReadOnlyList<HeatRow> rows, double[] tops)
    {
        StringBuilder[] paths = [.. Enumerable.Range(0, Levels).Select(_ => new StringBuilder())];
        for (int row = 0; row < rows.Count; row++)
        {
            int[] levels = [.. rows[row].Values.Select(value => LevelOf(axis.PositionOf(value)))];
            for (int from = 0, to = 1; to <= levels.Length; to++)
            {
                if (to == levels.Length || levels[to] != levels[from])
                {
                    paths[levels[from]].Append(FormattableString.Invariant($"M{from} {tops[row]}h{to - from}v{tops[row + 1] - tops[row]}h{from - to}z"));
                    from = to;
                }
            }
        }

        return paths.Select((path, level) => Svg.Path(path.ToString(), StyleOf(level))).Where(path => path.Attribute("d")!.Value.Length > 0);
    }

    /// <summary>Nothing is a level of its own; the others are of one size.</summary>
    private static int LevelOf(double position) => (int)Math.Ceiling((position * (Levels - 1)) - 1e-9);

    private static string StyleOf(int level) => FormattableString.Invariant($"heat h{level}");

    /// <summary>The name of each row, or, where rows are too low for that, of each group.</summary>
    private static IEnumerable<XElement> CreateNames(IReadOnlyList<HeatRow> rows, double[] tops)
    {
        int from = 0;
        for (int i = 1; i <= rows.Count; i++)
        {
            bool isEnd = i == rows.Count || rows[i].Group != rows[from].Group;
            if (isEnd || tops[i] - tops[i - 1] >= NameHeight)
            {
                double height = tops[i] - tops[from];
                if (height >= NameHeight)
                {
                    yield return Svg.Text("-6", tops[from] + (height / 2) + 4, NamedText.Shorten(i - from == 1 ? rows[from].Name : rows[from].Group, LongestName), "tick small", "end");
                }

                from = i;
                if (isEnd && i < rows.Count)
                {
                    yield return Svg.Horizontal(tops[i], "divider");
                }
            }
        }
    }

    /// <summary>Where each row begins, and the last one ends. Rows are of one height, but for those of small groups: one bad backend beside a hundred good ones must be seen.</summary>
    private static double[] CreateTops(IReadOnlyList<HeatRow> rows)
    {
        double usual = Math.Min(HighestRow, Math.Max(1, Math.Floor(HighestPlot / rows.Count)));
        Dictionary<string, int> sizes = rows.GroupBy(row => row.Group, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
        double least = sizes.Count * HighestRow <= HighestPlot ? HighestRow : 0;
        double[] tops = new double[rows.Count + 1];
        for (int i = 0; i < rows.Count; i++)
        {
            tops[i + 1] = tops[i] + Math.Max(usual, Math.Ceiling(least / sizes[rows[i].Group]));
        }

        return tops;
    }

    private static XElement CreateKey(Axis axis, string note)
    {
        XElement[] swatches =
        [
            .. Enumerable.Range(0, Levels).Select(level => Svg.Element("rect", ("x", Svg.Number(12 + (level * SwatchWidth))), ("y", "-17"), ("width", Svg.Number(SwatchWidth)), ("height", "9"), ("class", StyleOf(level)))),
        ];
        return Svg.At(0, [Svg.Text("0", -8, "0", "tick small"), .. swatches, Svg.Text(Svg.Number(17 + (Levels * SwatchWidth)), -8, note.Length == 0 ? axis.LabelOf(axis.To) : $"{axis.LabelOf(axis.To)} · {note}", "tick small")]);
    }
}
