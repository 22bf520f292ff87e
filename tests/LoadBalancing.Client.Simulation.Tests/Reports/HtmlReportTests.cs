using System.Globalization;
using System.Text;
using System.Xml.Linq;
using LoadBalancing.Client.Simulation.Charts;
using LoadBalancing.Client.Simulation.Reports;
using LoadBalancing.Client.Simulation.Tests.Support;

namespace LoadBalancing.Client.Simulation.Tests.Reports;

public sealed class HtmlReportTests
{
    private const string Evil = "<script>alert('1')</script> \\\"onload=x&y";

    /// <summary>A little of everything that charts show, with names that would be code if they were not text.</summary>
    private const string Everything = $$"""
        {
          "name": "{{Evil}}", "description": "{{Evil}}", "durationSeconds": 30, "warmupSeconds": 2, "clients": 2, "timeoutSeconds": 0.3, "attempts": 2,
          "arrivals": { "ratePerSecond": 100, "events": [ { "atSeconds": 20, "untilSeconds": 22, "ratePerSecond": 400 } ] },
          "balancer": { "OutlierDetection": { "Interval": "00:00:02" }, "HealthChecks": { "Interval": "00:00:01" }, "CircuitBreaker": { "BreakDuration": "00:00:01" } },
          "backends": [
            { "id": "{{Evil}}", "count": 8, "concurrency": 2, "latency": { "distribution": "uniform", "meanMs": 30, "spreadMs": 20 },
              "events": [ { "atSeconds": 5, "untilSeconds": 8, "staggerSeconds": 1, "down": true } ] },
            { "id": "b", "latency": { "distribution": "constant", "meanMs": 30 }, "events": [ { "atSeconds": 10, "untilSeconds": 15, "errorRate": 0.6 }, { "atSeconds": 20, "untilSeconds": 25, "removed": true } ] } ]
        }
        """;

    [Fact]
    public void Create_Everything_IsOneWellFormedPageThatNeedsNothingElse()
    {
        string page = Create(Everything, "round_robin", "least_request:FullScan=true");
        XElement root = Drawn.Parse(page);

        page.Replace(Svg.Namespace.NamespaceName, "", StringComparison.Ordinal).ShouldNotContain("http");
        page.ShouldNotContain("url(");
        page.ShouldNotContain("@import");
        root.Descendants().Attributes().Where(attribute => attribute.Name.LocalName is "src" or "href").ShouldAllBe(attribute => attribute.Value.StartsWith('#'));
        string[] ids = [.. root.Descendants().Attributes("id").Select(id => id.Value)];
        ids.ShouldBeUnique();
        root.Descendants("a").Select(link => link.Attribute("href")!.Value[1..]).ShouldBeSubsetOf(ids);
        root.ShouldHaveFinitePlaces();
    }

    [Fact]
    public void Create_NamesThatAreCode_AreNothingButText()
    {
        XElement root = Drawn.Parse(Create(Everything, "round_robin"));

        root.Descendants().Select(element => element.Name.LocalName).ShouldNotContain("script");
        root.Descendants().Attributes().ShouldAllBe(attribute => !attribute.Name.LocalName.StartsWith("on", StringComparison.OrdinalIgnoreCase));
        root.Descendants("h1").ShouldHaveSingleItem().Value.ShouldBe(Evil.Replace("\\", "", StringComparison.Ordinal));
    }

    /// <summary>A reader of pages takes styles as they are written, and elements that close themselves as open.</summary>
    [Fact]
    public void Create_ReadAsHtml_MeansTheSameAsReadAsXml()
    {
        XElement root = Drawn.Parse(Create(Everything, "round_robin"));

        root.Descendants("style").ShouldHaveSingleItem().Value.ShouldSatisfyAllConditions(
            style => style.ShouldNotContain("<"),
            style => style.ShouldNotContain(">"),
            style => style.ShouldNotContain("&"));
        root.Descendants().Where(element => element.IsEmpty && element.Name.Namespace != Svg.Namespace).Select(element => element.Name.LocalName).Distinct().ShouldBe(["meta"]);
    }

    [Fact]
    public void Create_EveryChart_HasTextsAndFigures()
    {
        XElement root = Drawn.Parse(Create(Everything, "round_robin", "peak_ewma"));

        XElement[] figures = [.. root.Descendants("figure")];
        figures.Length.ShouldBe(5);
        foreach (XElement figure in figures)
        {
            XElement chart = figure.Drawings("svg").First(svg => svg.Attribute("role") is not null);
            chart.Attribute("role")!.Value.ShouldBe("img");
            XElement title = chart.Element(Svg.Namespace + "title")!;
            XElement description = chart.Element(Svg.Namespace + "desc")!;
            chart.Attribute("aria-labelledby")!.Value.ShouldBe(title.Attribute("id")!.Value);
            chart.Attribute("aria-describedby")!.Value.ShouldBe(description.Attribute("id")!.Value);
            title.Value.ShouldNotBeEmpty();
            description.Value.ShouldMatch(@"\d");
            figure.Descendants("table").ShouldNotBeEmpty();
            figure.Descendants("table").ShouldAllBe(table => table.Element("tbody")!.Elements("tr").Any() && table.Descendants("tr").Select(row => row.Elements().Count()).Distinct().Count() == 1);
        }
    }

    [Fact]
    public void Create_Everything_ShowsWhatHappened()
    {
        string[] texts = [.. Drawn.Parse(Create(Everything, "round_robin")).Drawings("text").Select(text => text.Value)];

        texts.ShouldContain("traffic 400 requests/s");
        texts.ShouldContain("b 60 % errors");
        texts.ShouldContain("b removed");
        texts.ShouldContain(text => text.EndsWith("down, up to 3 of 8 at once", StringComparison.Ordinal));
        texts.ShouldContain(text => text.EndsWith("probe failed, up to 2 of 2 clients", StringComparison.Ordinal));
        texts.ShouldContain(text => text.StartsWith("b draining", StringComparison.Ordinal));
    }

    [Fact]
    public void Create_SameSeed_GivesTheSameBytesInEveryCulture()
    {
        string here = Create(Everything, "least_request");
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("ar-EG");
            Create(Everything, "least_request").ShouldBe(here);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData("""{ "durationSeconds": 10, "warmupSeconds": 9.999, "arrivals": { "process": "uniform", "ratePerSecond": 0.01 }, "backends": [ { "latency": { "distribution": "constant", "meanMs": 2 } } ] }""", "had no request that counts")]
    [InlineData("""{ "durationSeconds": 10, "arrivals": { "ratePerSecond": 10 }, "backends": [ { "count": 2, "down": true, "latency": { "distribution": "constant", "meanMs": 2 } } ] }""", "answered no request in time")]
    [InlineData("""{ "durationSeconds": 0.01, "arrivals": { "process": "uniform", "ratePerSecond": 1000 }, "backends": [ { "count": 9, "latency": { "distribution": "constant", "meanMs": 2 } } ] }""", "answered every request in time")]
    [InlineData("""{ "durationSeconds": 5, "arrivals": { "ratePerSecond": 100 }, "backends": [ { "count": 9, "latency": { "distribution": "constant", "meanMs": 0 } } ] }""", "answered every request in time")]
    public void Create_LittleToShow_IsStillAPage(string scenario, string verdict)
    {
        XElement root = Drawn.Parse(Create(scenario, "round_robin", "random"));

        root.Styled("verdicts").ShouldHaveSingleItem().Value.ShouldContain(verdict);
        root.ShouldHaveFinitePlaces();
        root.Descendants("figure").Count().ShouldBeInRange(4, 5);
    }

    [Fact]
    public void Create_ThousandBackends_GroupsThemAndStaysSmall()
    {
        string page = Create("""
            { "durationSeconds": 60, "arrivals": { "ratePerSecond": 500 }, "balancer": { "HealthChecks": { "Interval": "00:00:05" } },
              "backends": [ { "id": "good", "count": 950, "latency": { "distribution": "exponential", "meanMs": 50 } },
                            { "id": "bad", "count": 50, "latency": { "distribution": "exponential", "meanMs": 50 }, "events": [ { "atSeconds": 10, "untilSeconds": 20, "staggerSeconds": 0.5, "down": true } ] } ] }
            """, "random");
        XElement root = Drawn.Parse(page);

        Encoding.UTF8.GetByteCount(page).ShouldBeLessThan(1_000_000);
        root.Styled("lane").Count().ShouldBeLessThan(10);
        root.Styled("tick").Select(text => text.Value).ShouldContain("bad");
        root.Styled("divider").Count().ShouldBe(2);
    }

    [Fact]
    public void Create_ManyBackendsWithoutGroups_HasOneLineForAll()
    {
        string backends = string.Join(',', Enumerable.Repeat("""{ "latency": { "distribution": "exponential", "meanMs": 50 } }""", 200));

        XElement root = Drawn.Parse(Create($$"""{ "durationSeconds": 10, "arrivals": { "ratePerSecond": 500 }, "backends": [ {{backends}} ] }""", "random"));

        root.Styled("beside").SelectMany(beside => beside.Drawings("text")).Select(text => text.Value).ShouldContain("all 200");
        root.Styled("heat").Count().ShouldBeInRange(2, 4 * Palette.HeatLevels);
    }

    private static string Create(string json, params string[] policies)
    {
        var scenario = Scenario.Parse(json);
        return HtmlReport.Create(scenario, [.. policies.Select(policy => Simulator.Run(scenario, policy))]);
    }
}
