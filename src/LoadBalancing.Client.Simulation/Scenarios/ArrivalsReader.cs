using LoadBalancing.Client.Simulation.Traffic;

namespace LoadBalancing.Client.Simulation.Scenarios;

/// <summary>Reads <c>arrivals</c>: a process, a rate, and events that change the rate for a while.</summary>
internal static class ArrivalsReader
{
    private const double HighestRate = 10_000_000;
    private const double MostRequests = 100_000_000;
    private const string Requirement = "must be an object such as { \"process\": \"poisson\", \"ratePerSecond\": 1000 }";

    private static readonly Dictionary<string, object> Processes = new(StringComparer.Ordinal) { ["poisson"] = true, ["uniform"] = false };

    public static ArrivalPlan Read(ScenarioNode root, double durationSeconds)
    {
        ScenarioNode arrivals = root.FindObject("arrivals", Requirement) ?? throw root.Problem("arrivals", Requirement);
        arrivals.AllowOnly("process", "ratePerSecond", "events");
        bool isPoisson = (bool)(arrivals.FindWord("process", Processes) ?? true);
        string requirement = $"must be a number above 0, at most {HighestRate}";
        double rate = arrivals.FindNumber("ratePerSecond", requirement, number => number is > 0 and <= HighestRate) ?? throw arrivals.Problem("ratePerSecond", requirement);
        (EventSpan Span, double Rate)[] events = [.. (arrivals.FindList("events", "must be a list of events") ?? []).Select(node => ReadEvent(node, durationSeconds))];

        long end = EventSpan.FromSeconds(durationSeconds);
        List<RateStep> steps = [];
        foreach (long time in (SortedSet<long>)[0, .. events.SelectMany(happening => happening.Span.Boundaries(end)).Where(time => time < end)])
        {
            double rateThen = events.LastOrDefault(happening => happening.Span.Contains(time), (default, rate)).Rate;
            if (steps.Count == 0 || steps[^1].PerSecond != rateThen)
            {
                steps.Add(new RateStep(EventSpan.ToSeconds(time), rateThen));
            }
        }

        double expected = steps.Select((step, index) => step.PerSecond * ((index + 1 < steps.Count ? steps[index + 1].From : durationSeconds) - step.From)).Sum();
        return expected <= MostRequests
            ? new ArrivalPlan(isPoisson, steps, durationSeconds)
            : throw arrivals.Problem("ratePerSecond", FormattableString.Invariant($"must give at most {MostRequests} requests over durationSeconds, and gives {expected}"));
    }

    private static (EventSpan Span, double Rate) ReadEvent(ScenarioNode node, double durationSeconds)
    {
        node.AllowOnly([.. EventSpanReader.Keys, "ratePerSecond"]);
        EventSpan span = EventSpanReader.Read(node, durationSeconds);
        string requirement = $"must be a number, 0 or more, at most {HighestRate}";
        double rate = node.FindNumber("ratePerSecond", requirement, number => number is >= 0 and <= HighestRate) ?? throw node.Problem("ratePerSecond", requirement);
        return (span, rate);
    }
}
