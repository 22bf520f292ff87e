using System.Globalization;
using LoadBalancing.Client.Simulation.Traffic;

namespace LoadBalancing.Client.Simulation.Scenarios;

/// <summary>What is allowed in a scenario, but does nothing, or nothing good.</summary>
internal static class ScenarioNotices
{
    /// <summary>A service behind a network takes longer; what says less was most likely meant in seconds.</summary>
    private const double LeastLikelyMs = 0.1;

    public static IEnumerable<string> Find(ScenarioPlan plan) => FindAll(plan).Select(notice => $"{plan.File}: {notice}");

    private static IEnumerable<string> FindAll(ScenarioPlan plan) =>
    [
        .. plan.Balancer.Notices,
        .. FindInAttempts(plan),
        .. FindInTimes(plan),
        .. plan.Groups.SelectMany(FindInLatencies),
        .. plan.Groups.Any(group => IsEverUsed(group, plan.Duration)) ? [] : (string[])["$.backends: at no time does any have a weight above 0 and is not removed, so every request fails."],
    ];

    private static IEnumerable<string> FindInAttempts(ScenarioPlan plan)
    {
        if (plan.Attempts > 1 && plan.Balancer.IsTurnedOff("Retry"))
        {
            yield return "$.attempts has no effect, since $.balancer.Retry.Enabled is false.";
        }
        else if (plan.Attempts is { } attempts && plan.Balancer.Find("Retry:MaxAttempts") is { } most && most != FormattableString.Invariant($"{attempts}"))
        {
            yield return FormattableString.Invariant($"$.balancer.Retry.MaxAttempts = {most} has no effect, since $.attempts = {attempts} comes first.");
        }
    }

    private static IEnumerable<string> FindInTimes(ScenarioPlan plan)
    {
        if (plan.Timeout > Math.Max(plan.Duration, ScenarioPlan.DefaultTimeout))
        {
            yield return FormattableString.Invariant($"$.timeoutSeconds = {plan.Timeout} is more than $.durationSeconds = {plan.Duration}: it is in seconds.");
        }

        if (plan.CancelOnTimeout && TimeSpan.TryParse(plan.Balancer.Find("AttemptTimeout"), CultureInfo.InvariantCulture, out TimeSpan attempt) && attempt.TotalSeconds > plan.Timeout)
        {
            yield return FormattableString.Invariant($"$.balancer.AttemptTimeout = \"{attempt}\" has no effect: callers give up after $.timeoutSeconds = {plan.Timeout}, so no attempt times out and no circuit hears of it.");
        }
    }

    private static IEnumerable<string> FindInLatencies(BackendGroup group, int index)
    {
        (string Path, LatencyDistribution? Latency)[] latencies =
        [
            ("", group.Settings.Latency),
            .. group.Events.Select((happening, number) => (FormattableString.Invariant($".events[{number}]"), happening.Change.Latency)),
        ];
        return latencies
            .Where(place => place.Latency is { MeanMs: > 0 and < LeastLikelyMs })
            .Select(place => FormattableString.Invariant($"$.backends[{index}]{place.Path}.latency.meanMs = {place.Latency!.MeanMs} is less than {LeastLikelyMs} ms: it is in milliseconds."));
    }

    private static bool IsEverUsed(BackendGroup group, double duration) =>
        Enumerable.Range(0, group.Ids.Count).Any(index => group.CreateTimeline(index, duration).Any(step => step.Settings is { Weight: > 0, IsRemoved: false }));
}
