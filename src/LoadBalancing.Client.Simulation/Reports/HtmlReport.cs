using System.Text;
using System.Xml.Linq;
using LoadBalancing.Client.Simulation.Charts;

namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>One page with everything about a run: it needs no network, and the same run gives the same bytes.</summary>
internal static class HtmlReport
{
    public static string Create(Scenario scenario, IReadOnlyList<RunResult> results)
    {
        XElement head = Html.Element(
            "head",
            Html.Element("meta", Html.Attribute("charset", "utf-8")),
            Html.Element("meta", Html.Attribute("name", "viewport"), Html.Attribute("content", "width=device-width, initial-scale=1")),
            Html.Element("title", $"{scenario.Name} · lb-sim"),
            Html.Element("style", Palette.CreateStyle() + ChartStyle.Text + HtmlStyle.Text));
        XElement[] sections = [HtmlSummary.Create(scenario, results), .. CreateComparison(scenario, results), .. results.Select((result, index) => CreatePolicy(scenario, result, index))];

        StringBuilder page = new("<!DOCTYPE html>\n<html lang=\"en\">\n");
        page.Append(head.ToString(SaveOptions.DisableFormatting)).Append("\n<body><main>\n");
        foreach (XElement section in sections)
        {
            page.Append(section.ToString(SaveOptions.DisableFormatting)).Append('\n');
        }

        return page.Append("</main></body>\n</html>\n").ToString();
    }

    private static IEnumerable<XElement> CreateComparison(Scenario scenario, IReadOnlyList<RunResult> results)
    {
        yield return CreateSection("How long requests took", HtmlFigure.Create(
            LatencyCharts.CreatePercentiles(results), "percentiles", "Half of the requests took no longer than p50, 99 of 100 no longer than p99. Further left is faster."));
        yield return CreateSection("When they were slow", HtmlFigure.Create(
            LatencyCharts.CreateOverTime(scenario, results),
            "latency",
            $"By the time at which requests arrived: the solid line is p99, the dotted one p50.{(results.Count > 1 ? " All policies have the same scale." : "")}{Shading(scenario, results)}"));
        yield return OutcomeChart.Create(scenario, results) is { } outcomes
            ? CreateSection("Failures and timeouts", HtmlFigure.Create(outcomes, "outcomes", "The share of the requests that arrived in each moment which ended with an error, and which were not answered in time."))
            : CreateSection("Failures and timeouts", Html.Element("p", "None: every request was answered in time."));
    }

    private static XElement CreatePolicy(Scenario scenario, RunResult result, int index)
    {
        string id = FormattableString.Invariant($"policy-{index}");
        XElement section = CreateSection(result.Summary.Policy, HtmlFigure.Create(
            PolicyChart.Create(scenario, result), $"{id}-chart", CreateCaption(scenario, result)));
        section.SetAttributeValue("id", id);
        section.SetAttributeValue("class", "backends");
        return section;
    }

    private static string CreateCaption(Scenario scenario, RunResult result)
    {
        string absences = AbsenceText.Describe(scenario, result);
        string ranges = BackendLine.CreateAll(result.Backends).Any(line => line.Indexes.Count > 1) ? " Lines are means over the backends of a group; the shade around a line goes from the lowest of them to the highest." : "";
        return $"In flight is what a backend works on, and what waits for it.{ranges} {(absences.Length == 0 ? "No circuit was open and no backend ejected at any time." : absences)}";
    }

    private static XElement CreateSection(string title, XElement content) => Html.Element("section", Html.Element("h2", title), content);

    private static string Shading(Scenario scenario, IReadOnlyList<RunResult> results)
    {
        string warmUp = scenario.Plan.WarmUp > 0 ? $" Shaded at the left: the warm-up, the first {NumberText.Seconds(scenario.Plan.WarmUp)}, which does not count." : "";
        return TimeFrames.Create(scenario, results).Events.Count > 0 ? $"{warmUp} Shaded under a thick line: while something in the scenario is not as usual." : warmUp;
    }
}
