using System.Xml.Linq;
using LoadBalancing.Client.Simulation.Charts;
using LoadBalancing.Client.Simulation.Tests.Support;

namespace LoadBalancing.Client.Simulation.Tests.Charts;

public sealed class ChartSvgTests
{
    private static readonly TimeFrame Time = new(4, 1, 1, [(2, 3)]);

    [Fact]
    public void CreateFile_Chart_SaysWhatItIsAndHasBothThemes()
    {
        string svg = ChartSvg.CreateFile(CreateChart([1, 2, 3, 4]));
        XElement root = Drawn.Parse(svg);

        root.Attribute("role")!.Value.ShouldBe("img");
        root.Drawings("title").First().Value.ShouldBe("the title");
        root.Drawings("desc").First().Value.ShouldBe("the description");
        root.Attribute("aria-labelledby")!.Value.ShouldBe((string?)root.Drawings("title").First().Attribute("id"));
        root.Drawings("style").ShouldHaveSingleItem().Value.ShouldContain("prefers-color-scheme:dark");
        svg.Replace(Svg.Namespace.NamespaceName, "", StringComparison.Ordinal).ShouldNotContain("http");
    }

    [Fact]
    public void CreateFile_TextsFromOutside_AreNothingButText()
    {
        const string evil = "<script>alert(1)</script>\"'&\u0001\ud800";
        var chart = TimeChart.Create(evil, evil, Time, [LinePanel.Create(evil, evil, 50, Time, Axis.FromZero(evil, 1), [new LineSeries(evil, ChartStyle.LineOf(0), [1, 1, 1, 1])]), LanePanel.Create(evil, evil, Time, [new Lane(evil, evil, [])])]);
        var dots = DotChart.Create(evil, evil, [evil], [new DotRow(evil, ChartStyle.FillOf(0), [1], [evil])], Axis.FromZero(evil, 1));

        foreach (XElement root in new[] { chart, dots }.Select(each => Drawn.Parse(ChartSvg.CreateFile(each))))
        {
            root.Drawings("script").ShouldBeEmpty();
            root.Drawings("title").First().Value.ShouldBe("<script>alert(1)</script>\"'&\uFFFD\uFFFD");
        }
    }

    [Fact]
    public void CreateFile_GapInALine_InterruptsIt()
    {
        XElement root = Drawn.Parse(ChartSvg.CreateFile(CreateChart([1, 2, double.NaN, 4])));

        // A lone interval is as long as it is, from 750 to 1,000 of 1,000.
        string path = root.Styled("line").First(element => element.Parent!.Attribute("preserveAspectRatio") is not null).Attribute("d")!.Value;
        path.ShouldBe("M125 37.5L375 25M750 0L1000 0");
        root.ShouldHaveFinitePlaces();
    }

    [Fact]
    public void CreateFile_OneInterval_IsALine() =>
        Drawn.Parse(ChartSvg.CreateFile(CreateChart([4], new TimeFrame(1, 1, 0, [])))).Styled("line").First().Attribute("d")!.Value.ShouldBe("M0 0L1000 0");

    [Fact]
    public void LanePanel_Parts_StandUponOneAnother()
    {
        Lane lane = new("a", "circuit", [new LanePart("first", [(1, 0.5), (2, 0)]), new LanePart("second", [(0, 0.25)])]);

        XElement root = Drawn.Parse(ChartSvg.CreateFile(TimeChart.Create("t", "d", Time, [LanePanel.Create("lanes", "", Time, [lane])])));

        root.Styled("first").ShouldHaveSingleItem().Attribute("d")!.Value.ShouldBe("M250 11H500v-5.5H250Z");
        root.Styled("second").ShouldHaveSingleItem().Attribute("d")!.Value.ShouldBe("M0 11H250v-2.75H0ZM250 5.5H500v-2.75H250ZM500 11H1000v-2.75H500Z");
    }

    /// <summary>Changes that nobody can see would only make the file larger.</summary>
    [Fact]
    public void LanePanel_StepsOfOneHeight_AreOneBar()
    {
        Lane lane = new("a", "circuit", [new LanePart("first", [(0, 1), (1, 0.999), (2, 1), (3, 0.5)])]);

        XElement root = Drawn.Parse(ChartSvg.CreateFile(TimeChart.Create("t", "d", Time, [LanePanel.Create("lanes", "", Time, [lane])])));

        root.Styled("first").ShouldHaveSingleItem().Attribute("d")!.Value.ShouldBe("M0 11H750v-11H0ZM750 11H1000v-5.5H750Z");
    }

    [Fact]
    public void DotChart_RowWithoutValues_SaysSo()
    {
        var chart = DotChart.Create("t", "d", ["p50", "p99"], [new DotRow("a", ChartStyle.FillOf(0), [double.NaN, double.NaN], ["0", "0"]), new DotRow("b", ChartStyle.FillOf(1), [1, 2], ["1", "2"])], Axis.FromZero("x", 2));

        XElement root = Drawn.Parse(ChartSvg.CreateFile(chart));

        root.Drawings("text").Select(text => text.Value).ShouldContain("no requests");
        root.Styled("halo").Count().ShouldBe(2);
        root.ShouldHaveFinitePlaces();
    }

    private static Chart CreateChart(double[] values, TimeFrame? time = null) => TimeChart.Create(
        "the title", "the description", time ?? Time, [LinePanel.Create("panel", "", 50, time ?? Time, Axis.FromZero("x", 4), [new LineSeries("a", ChartStyle.LineOf(0), values)])]);
}
