using System.Text;

namespace LoadBalancing.Client.Simulation.Charts;

/// <summary>Paths over time, of one value for each interval, drawn in <see cref="Svg.Stretched"/>. <see cref="double.NaN"/> interrupts them.</summary>
/// <param name="time">The intervals.</param>
/// <param name="axis">The axis of the values.</param>
/// <param name="height">How high the axis is.</param>
internal sealed class TimeSeries(TimeFrame time, Axis axis, double height)
{
    /// <summary>From the middle of one interval to the middle of the next; an interval that stands alone has a line of its length.</summary>
    public string CreateLine(IReadOnlyList<double> values)
    {
        StringBuilder path = new();
        foreach ((int from, int to) in Runs(values))
        {
            Append(path, 'M', from, to, values);
        }

        return path.ToString();
    }

    /// <summary>The area between two lines that have values in the same intervals.</summary>
    public string CreateArea(IReadOnlyList<double> upper, IReadOnlyList<double> lower)
    {
        StringBuilder path = new();
        foreach ((int from, int to) in Runs(upper))
        {
            Append(path, 'M', from, to, upper);
            foreach ((double x, double value) in Points(from, to, lower).Reverse())
            {
                Append(path, 'L', x, value);
            }

            path.Append('Z');
        }

        return path.ToString();
    }

    private static IEnumerable<(int From, int To)> Runs(IReadOnlyList<double> values)
    {
        int from = 0;
        for (int i = 0; i <= values.Count; i++)
        {
            if (i == values.Count || double.IsNaN(values[i]))
            {
                if (i > from)
                {
                    yield return (from, i);
                }

                from = i + 1;
            }
        }
    }

    private IEnumerable<(double X, double Value)> Points(int from, int to, IReadOnlyList<double> values)
    {
        if (to - from == 1)
        {
            (double left, double right) = time.SpanOf(from);
            return [(left, values[from]), (right, values[from])];
        }

        return Enumerable.Range(from, to - from).Select(index => ((time.SpanOf(index).From + time.SpanOf(index).To) / 2, values[index]));
    }

    private void Append(StringBuilder path, char first, int from, int to, IReadOnlyList<double> values)
    {
        char command = first;
        foreach ((double x, double value) in Points(from, to, values))
        {
            Append(path, command, x, value);
            command = 'L';
        }
    }

    private void Append(StringBuilder path, char command, double x, double value) =>
        path.Append(command).Append(Svg.Number(Math.Round(x * Svg.StretchedWidth, 1))).Append(' ').Append(Svg.Number(Math.Round(height * (1 - axis.PositionOf(value)), 1)));
}
