using System.Xml.Linq;

namespace LoadBalancing.Client.Simulation.Charts;

/// <summary>The time that panels share: its axis, its intervals, the warm-up and the times at which something happens.</summary>
/// <param name="Duration">All of it, in seconds.</param>
/// <param name="Interval">The length of an interval, in seconds; the last may be shorter.</param>
/// <param name="WarmUp">Until when nothing counts, in seconds.</param>
/// <param name="Events">When something is not as usual, in seconds.</param>
internal sealed record TimeFrame(double Duration, double Interval, double WarmUp, IReadOnlyList<(double From, double Until)> Events)
{
    private const double EventHeight = 3;

    private readonly Axis _axis = Axis.OfTime(Duration);

    /// <summary>Where an interval begins and ends, as shares of the time.</summary>
    public (double From, double To) SpanOf(int interval) => (_axis.PositionOf(interval * Interval), _axis.PositionOf((interval + 1) * Interval));

    public double PositionOf(double seconds) => _axis.PositionOf(seconds);

    /// <summary>What lies behind everything else: the warm-up, events, and lines at the ticks.</summary>
    public IEnumerable<XElement> CreateBackground(double height, bool hasEvents)
    {
        if (WarmUp > 0)
        {
            yield return Svg.Rectangle(0, PositionOf(WarmUp), 0, height, "warmup");
        }

        foreach ((double from, double until) in hasEvents ? Events : [])
        {
            yield return Svg.Rectangle(PositionOf(from), PositionOf(until), 0, height, "band");
            yield return Svg.Rectangle(PositionOf(from), PositionOf(until), -EventHeight - 2, EventHeight, "event");
        }

        foreach (double tick in _axis.Ticks)
        {
            yield return Svg.Vertical(PositionOf(tick), 0, height, "grid");
        }
    }

    /// <summary>Tick labels and the title of the axis, below a plot of this height.</summary>
    public IEnumerable<XElement> CreateLabels(double height)
    {
        foreach (double tick in _axis.Ticks)
        {
            yield return Svg.Text(Svg.Percent(PositionOf(tick)), height + 17, _axis.LabelOf(tick), "tick", PositionOf(tick) > 0.97 ? "end" : "middle");
        }

        yield return Svg.Text("100%", height + 34, _axis.Title, "axis", "end");
    }
}
