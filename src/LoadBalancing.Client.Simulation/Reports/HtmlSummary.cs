using System.Xml.Linq;

namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>The head of the report: what was played, what came of it in a sentence for each policy, and all numbers.</summary>
internal static class HtmlSummary
{
    public static XElement Create(Scenario scenario, IReadOnlyList<RunResult> results) => Html.Element(
        "header",
        Html.Element("h1", scenario.Name),
        scenario.Description is { } description ? Html.Element("p.lead", description) : null,
        Html.Element("p.facts", string.Join(" · ", Facts(scenario, results))),
        Html.Element("p.facts", string.Join(' ', SetupText.DescribePlainly(scenario.Plan))),
        Html.Element("ul.verdicts", results.Select((result, index) => Html.Element(
            "li",
            Html.Element("a", Html.Attribute("href", FormattableString.Invariant($"#policy-{index}")), Html.Element("b", Html.Policy(result.Summary.Policy))),
            " ",
            Verdict.Create(scenario, result, results)))),
        CreateTable([.. results.Select(result => result.Summary)]),
        Html.Element("p.note", "Success: answered in time, rounded down. Failures: ended with an error, or found no backend. Timeouts: not answered in time. Latency is what callers waited, whether they were answered, got an error or gave up. Max/mean load: the attempts on the backend that had the most, divided by those on the average one."),
        results.SelectMany(result => result.Notices).Distinct(StringComparer.Ordinal).Select(notice => Html.Element("p.notice", notice)));

    private static IEnumerable<string> Facts(Scenario scenario, IReadOnlyList<RunResult> results)
    {
        yield return FormattableString.Invariant($"seed {scenario.Seed}");
        yield return scenario.Plan.WarmUp > 0
            ? $"{NumberText.Seconds(scenario.Plan.Duration)}, of which the first {NumberText.Seconds(scenario.Plan.WarmUp)} are warm-up and not counted"
            : NumberText.Seconds(scenario.Plan.Duration);
        yield return Count(results[0].Backends.Count, "backend");
        yield return $"in time is within {NumberText.Seconds(scenario.Plan.Timeout)}";
    }

    private static string Count(long count, string what) => $"{NumberText.Count(count)} {what}{(count == 1 ? "" : "s")}";

    private static XElement CreateTable(IReadOnlyList<RunSummary> summaries) => Html.Element(
        "div.scroll.cards",
        Html.Attribute("tabindex", "0"),
        Html.Attribute("role", "region"),
        Html.Attribute("aria-label", "All numbers"),
        Html.Element(
            "table.summary",
            Html.Element("thead", Html.Element("tr", Html.Element("th", Html.Attribute("scope", "col"), "policy"), SummaryColumn.All.Select(column => Html.Element("th", Html.Attribute("scope", "col"), column.Name)))),
            Html.Element("tbody", summaries.Select(summary => Html.Element(
                "tr",
                Html.Element("th", Html.Attribute("scope", "row"), Html.Policy(summary.Policy)),
                SummaryColumn.All.Select(column => CreateCell(column, summary, summaries)))))));

    private static XElement CreateCell(SummaryColumn column, RunSummary summary, IReadOnlyList<RunSummary> all)
    {
        string value = column.Write(summary);
        return column.IsBest(summary, all)
            ? Html.Element("td.best", Html.Attribute("data-label", column.Name), Html.Element("b", value), Html.Element("small", " best"))
            : Html.Element("td", Html.Attribute("data-label", column.Name), value);
    }
}
