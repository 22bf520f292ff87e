namespace LoadBalancing.Client.Simulation.Scenarios;

/// <summary>Reads when an event is in force: <c>atSeconds</c>, <c>untilSeconds</c>, <c>everySeconds</c>.</summary>
internal static class EventSpanReader
{
    private const double LongestSeconds = 1e6;
    private const double ShortestSeconds = 1e-3;
    private const double MostRepeats = 100_000;

    public static IReadOnlyList<string> Keys { get; } = ["atSeconds", "untilSeconds", "everySeconds"];

    public static EventSpan Read(ScenarioNode node, double durationSeconds)
    {
        string atRequirement = FormattableString.Invariant($"must be a number, 0 or more, below durationSeconds, which is {durationSeconds}");
        double at = node.FindNumber("atSeconds", atRequirement, seconds => seconds >= 0 && seconds < durationSeconds) ?? throw node.Problem("atSeconds", atRequirement);
        string untilRequirement = FormattableString.Invariant($"must be a number above atSeconds, which is {at}, by {ShortestSeconds} at least, and at most {LongestSeconds}");
        double? until = node.FindNumber("untilSeconds", untilRequirement, seconds => seconds - at >= ShortestSeconds / 2 && seconds <= LongestSeconds);
        string everyRequirement = until is null
            ? "must come with untilSeconds"
            : FormattableString.Invariant($"must be a number above the length of the event, which is {until - at}, and at most {LongestSeconds}");
        double? every = node.FindNumber("everySeconds", everyRequirement, seconds => seconds > until - at && seconds <= LongestSeconds);
        if ((durationSeconds - at) / every > MostRepeats)
        {
            throw node.Problem("everySeconds", FormattableString.Invariant($"must be so much that there are at most {MostRepeats} repeats before durationSeconds, which is {durationSeconds}"));
        }

        return new EventSpan(EventSpan.FromSeconds(at), until is { } end ? EventSpan.FromSeconds(end) : null, every is { } period ? EventSpan.FromSeconds(period) : null);
    }
}
