namespace LoadBalancing.Client.Simulation.Scenarios;

/// <summary>Backends that are alike.</summary>
internal sealed record BackendGroup
{
    /// <summary>What reports call it.</summary>
    public required string Name { get; init; }

    /// <summary>The ids of its backends.</summary>
    public required IReadOnlyList<string> Ids { get; init; }

    /// <summary>How they are when no event is in force.</summary>
    public required BackendSettings Settings { get; init; }

    public int Priority { get; init; }

    public Locality Locality { get; init; }

    /// <summary>Each client's cap on attempts in flight.</summary>
    public int? MaxConcurrency { get; init; }

    public IReadOnlyList<BackendEvent> Events { get; init; } = [];

    /// <summary>How one of them is from when on; the first from 0 on. Where events overlap, the later one in the file counts.</summary>
    /// <param name="index">Which of the group.</param>
    /// <param name="endSeconds">What begins then or later does not happen.</param>
    public IReadOnlyList<SettingsStep> CreateTimeline(int index, double endSeconds)
    {
        long end = EventSpan.FromSeconds(endSeconds);
        (EventSpan Span, SettingsChange Change)[] events = [.. Events.Select(happening => (happening.Span.After(happening.Stagger * index), happening.Change))];
        SortedSet<long> boundaries = [0, .. events.SelectMany(happening => happening.Span.Boundaries(end))];
        List<SettingsStep> steps = [];
        foreach (long time in boundaries)
        {
            BackendSettings settings = Settings;
            foreach ((EventSpan span, SettingsChange change) in events)
            {
                settings = span.Contains(time) && span.From < end ? change.ApplyTo(settings) : settings;
            }

            if (steps.Count == 0 || steps[^1].Settings != settings)
            {
                steps.Add(new SettingsStep(EventSpan.ToSeconds(time), settings));
            }
        }

        return steps;
    }
}
