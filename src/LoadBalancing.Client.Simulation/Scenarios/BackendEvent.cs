namespace LoadBalancing.Client.Simulation.Scenarios;

/// <summary>Something that happens to the backends of a group for a while.</summary>
/// <param name="Span">When, for the first of the group.</param>
/// <param name="Stagger">By how much later for each next one of the group, in nanoseconds.</param>
/// <param name="Change">What.</param>
internal sealed record BackendEvent(EventSpan Span, long Stagger, SettingsChange Change);
