using System.Xml.Linq;
using LoadBalancing.Client.Simulation.Charts;
using LoadBalancing.Client.Simulation.Tests.Support;

namespace LoadBalancing.Client.Simulation.Tests.Charts;

public sealed class HeatPanelTests
{
    [Fact]
    public void Create_Cells_AreAsDarkAsTheirValues()
    {
        XElement root = Draw(new HeatRow("g", "a", [0, 1, 1, 10]), new HeatRow("g", "b", [10, 10, 10, 0.001]));

        // Nothing has a level of its own, and neighbours are one rectangle.
        Path(root, 0).ShouldBe("M0 0h1v13h-1z");
        Path(root, 1).ShouldBe("M1 0h2v13h-2zM3 13h1v13h-1z");
        Path(root, Palette.HeatLevels - 1).ShouldBe("M3 0h1v13h-1zM0 13h3v13h-3z");
        root.Styled("tick").Select(text => text.Value).ShouldContain("b");
    }

    [Fact]
    public void Create_OneBesideAHundred_IsHighEnoughToBeSeen()
    {
        HeatRow[] rows = [.. Enumerable.Range(0, 100).Select(index => new HeatRow("many", $"b{index}", [1, 1, 1, 1])), new HeatRow("one", "bad", [10, 10, 10, 10])];

        XElement root = Draw(rows);

        Path(root, Palette.HeatLevels - 1).ShouldBe("M0 200h4v13h-4z");
        root.Styled("small").Select(text => text.Value).ShouldBe(["many", "bad", "0", "10"]);
    }

    private static string Path(XElement root, int level) => root.Drawings("path").Single(path => path.Attribute("class")!.Value == FormattableString.Invariant($"heat h{level}")).Attribute("d")!.Value;

    private static XElement Draw(params HeatRow[] rows)
    {
        TimeFrame time = new(4, 1, 0, []);
        return Drawn.Parse(ChartSvg.CreateFile(TimeChart.Create("t", "d", time, [HeatPanel.Create("heat", "", time, Axis.FromZero("x", 10), rows)])));
    }
}
