using System.Globalization;
using LoadBalancing.Client.Simulation.Scenarios;
using LoadBalancing.Client.Simulation.Traffic;

namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>Finds what a scenario does to its backends and to its traffic, and when.</summary>
internal static class Happenings
{
    public static IReadOnlyList<Happening> Find(ScenarioPlan plan) => [.. FindInTraffic(plan), .. plan.Groups.SelectMany(group => FindInGroup(group, plan.Duration))];

    /// <summary>When anything happens at all: spans in the order of time that do not touch one another.</summary>
    public static IReadOnlyList<(double From, double Until)> Merge(IReadOnlyList<Happening> happenings)
    {
        List<(double From, double Until)> merged = [];
        foreach (Happening happening in happenings.OrderBy(happening => happening.From))
        {
            if (merged.Count > 0 && happening.From <= merged[^1].Until)
            {
                merged[^1] = (merged[^1].From, Math.Max(merged[^1].Until, happening.Until));
            }
            else
            {
                merged.Add((happening.From, happening.Until));
            }
        }

        return merged;
    }

    /// <summary>When backends that had been removed are listed again, in seconds, by their ids.</summary>
    public static ILookup<string, double> FindReturns(ScenarioPlan plan) => plan.Groups
        .SelectMany(group => group.Ids.Select((id, index) => (id, Steps: group.CreateTimeline(index, plan.Duration))))
        .SelectMany(backend => backend.Steps.Zip(backend.Steps.Skip(1)).Where(pair => pair.First.Settings.IsRemoved && !pair.Second.Settings.IsRemoved).Select(pair => (backend.id, pair.Second.From)))
        .ToLookup(entry => entry.id, entry => entry.From, StringComparer.Ordinal);

    private static IEnumerable<Happening> FindInTraffic(ScenarioPlan plan)
    {
        IReadOnlyList<RateStep> rates = plan.Arrivals.Rates;
        return rates
            .Select((step, index) => (step.PerSecond, step.From, Until: index + 1 < rates.Count ? rates[index + 1].From : plan.Duration))
            .Where(step => step.PerSecond != rates[0].PerSecond)
            .Select(step => new Happening(null, $"{NumberText.Short(step.PerSecond)} requests/s", step.From, step.Until));
    }

    private static IEnumerable<Happening> FindInGroup(BackendGroup group, double duration)
    {
        for (int index = 0; index < group.Ids.Count; index++)
        {
            IReadOnlyList<SettingsStep> steps = group.CreateTimeline(index, duration);
            for (int i = 0; i < steps.Count; i++)
            {
                double until = i + 1 < steps.Count ? Math.Min(steps[i + 1].From, duration) : duration;
                if (steps[i].Settings != group.Settings && until > steps[i].From)
                {
                    yield return new Happening(group.Name, Describe(group.Settings, steps[i].Settings), steps[i].From, until);
                }
            }
        }
    }

    private static string Describe(BackendSettings usual, BackendSettings now)
    {
        List<string> what = [];
        Add(now.IsRemoved != usual.IsRemoved, now.IsRemoved ? "removed" : "added");
        Add(now.IsDown != usual.IsDown, now.IsDown ? "down" : "up");
        Add(now.Hangs != usual.Hangs, now.Hangs ? "hangs" : "hangs no more");
        Add(now.ErrorRate != usual.ErrorRate, $"{NumberText.Short(100 * now.ErrorRate)} % errors{(now.ErrorLatency is { } seconds ? $" in {NumberText.Short(1000 * seconds)} ms" : "")}");
        Add(now.Latency != usual.Latency, now.Latency.MeanMs == usual.Latency.MeanMs ? "other latencies" : $"mean {NumberText.Short(now.Latency.MeanMs)} ms");
        Add(now.ErrorLatency != usual.ErrorLatency && now.ErrorRate == usual.ErrorRate, "errors take another time");
        Add(now.Concurrency != usual.Concurrency, now.Concurrency == 0 ? "no limit of concurrency" : string.Create(CultureInfo.InvariantCulture, $"concurrency {now.Concurrency}"));
        Add(now.IgnoresCancellation != usual.IgnoresCancellation, now.IgnoresCancellation ? "ignores cancellation" : "heeds cancellation");
        Add(now.Weight != usual.Weight, $"weight {NumberText.Short(now.Weight)}");
        return string.Join(", ", what);

        void Add(bool isSo, string text)
        {
            if (isSo)
            {
                what.Add(text);
            }
        }
    }
}
