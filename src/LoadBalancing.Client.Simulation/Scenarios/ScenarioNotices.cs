namespace LoadBalancing.Client.Simulation.Scenarios;

/// <summary>What is allowed in a scenario, but does nothing, or nothing good.</summary>
internal static class ScenarioNotices
{
    public static IEnumerable<string> Find(ScenarioPlan plan)
    {
        foreach (string notice in plan.Balancer.Notices)
        {
            yield return notice;
        }

        if (plan.Attempts > 1 && plan.Balancer.IsTurnedOff("Retry"))
        {
            yield return $"{plan.File}: $.attempts has no effect, since $.balancer.Retry.Enabled is false.";
        }

        if (!plan.Groups.Any(group => IsEverUsed(group, plan.Duration)))
        {
            yield return $"{plan.File}: $.backends: at no time does any have a weight above 0 and is not removed, so every request fails.";
        }
    }

    private static bool IsEverUsed(BackendGroup group, double duration) =>
        Enumerable.Range(0, group.Ids.Count).Any(index => group.CreateTimeline(index, duration).Any(step => step.Settings is { Weight: > 0, IsRemoved: false }));
}
