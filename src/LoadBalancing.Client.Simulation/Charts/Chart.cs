using System.Xml.Linq;

namespace LoadBalancing.Client.Simulation.Charts;

/// <summary>A chart, as wide as the room that it is put in.</summary>
internal sealed record Chart
{
    /// <summary>What it shows, in a few words.</summary>
    public required string Title { get; init; }

    /// <summary>What is to be seen in it, in figures, for those who cannot see it.</summary>
    public required string Description { get; init; }

    /// <summary>How high the plot is, without axis titles and tick labels.</summary>
    public required double Height { get; init; }

    /// <summary>Room above the plot, for the title of the axis.</summary>
    public double Above { get; init; } = 24;

    /// <summary>Room below the plot, for the labels of the ticks.</summary>
    public double Below { get; init; } = 40;

    /// <summary>What is drawn; from left to right in shares of the plot's width. Labels may stand beside the plot.</summary>
    public required IReadOnlyList<XElement> Marks { get; init; }

    /// <summary>The names of its lines, where these are beside their ends, for when there is no room for that.</summary>
    public IReadOnlyList<LegendEntry> Legend { get; init; } = [];

    /// <summary>What it shows, in figures.</summary>
    public IReadOnlyList<ChartTable> Tables { get; init; } = [];
}
