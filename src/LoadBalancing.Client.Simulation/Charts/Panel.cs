using System.Xml.Linq;

namespace LoadBalancing.Client.Simulation.Charts;

/// <summary>One of the plots that stand upon one another over one time axis.</summary>
internal sealed record Panel
{
    /// <summary>What stands above it.</summary>
    public required string Title { get; init; }

    /// <summary>What else stands there, such as a unit, in smaller letters.</summary>
    public string Subtitle { get; init; } = "";

    public required double Height { get; init; }

    /// <summary>Room above, for the title.</summary>
    public double Above { get; init; } = 26;

    /// <summary>Whether the times of events are shaded in it.</summary>
    public bool HasEvents { get; init; } = true;

    public required IReadOnlyList<XElement> Marks { get; init; }
}
