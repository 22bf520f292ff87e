using System.Globalization;
using LoadBalancing.Client.Http.Resilience;
using LoadBalancing.Client.Simulation.Scenarios;
using LoadBalancing.Client.Simulation.Traffic;

namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>What a scenario sets up, in words; with the marks of Markdown.</summary>
internal static class SetupText
{
    private const double MsPerSecond = 1000;

    /// <summary>More than these nobody reads.</summary>
    private const int MostGroups = 12;

    /// <summary>The same without marks, a sentence each.</summary>
    public static IReadOnlyList<string> DescribePlainly(ScenarioPlan plan) => [.. CreateSentences(plan).Select(sentence => sentence.Replace('`', '\''))];

    public static string Describe(ScenarioPlan plan) => string.Join(' ', CreateSentences(plan));

    private static IEnumerable<string> CreateSentences(ScenarioPlan plan)
    {
        string[] sentences =
        [
            .. plan.Groups.Take(MostGroups).Select(DescribeGroup),
            .. plan.Groups.Count <= MostGroups ? [] : (string[])[$"{NumberText.Count(plan.Groups.Skip(MostGroups).Sum(group => group.Ids.Count))} more backends"],
            DescribeTraffic(plan),
            DescribeCaller(plan),
            .. DescribeSettings(plan.Balancer),
        ];
        return sentences.Select(sentence => sentence + ".");
    }

    private static string DescribeGroup(BackendGroup group)
    {
        string[] parts =
        [
            group.Ids.Count == 1 ? "One backend" : $"{NumberText.Count(group.Ids.Count)} backends",
            .. group.Name.StartsWith(group.Ids[0], StringComparison.Ordinal) && group.Ids[0] != group.Name ? [] : (string[])[$"`{group.Name}`"],
            .. group.Settings.Concurrency == 0 ? [] : (string[])[FormattableString.Invariant($"with {group.Settings.Concurrency} workers{(group.Ids.Count == 1 ? "" : " each")}")],
        ];
        string[] details =
        [
            $"{Describe(group.Settings.Latency)} per request",
            .. group.Settings.Weight == 1 ? [] : (string[])[$"weight {NumberText.Short(group.Settings.Weight)}"],
            .. group.Locality == default ? [] : (string[])[$"in zone {group.Locality.Zone}"],
            .. group.MaxConcurrency is { } cap ? [FormattableString.Invariant($"at most {cap} at a time from each client")] : Array.Empty<string>(),
            .. group.Settings.IgnoresCancellation ? ["finishing what nobody waits for"] : Array.Empty<string>(),
        ];
        string events = string.Concat(group.Events.Select(happening => $"; {DescribeEvent(happening)}"));
        return $"{string.Join(' ', parts)}, {string.Join(", ", details)}{events}";
    }

    private static string DescribeEvent(BackendEvent happening)
    {
        EventSpan span = happening.Span;
        string when = span.Until is { } until ? $"from {Seconds(span.From)} to {Seconds(until)}" : $"from {Seconds(span.From)} on";
        string again = span.Every is { } every ? $", again every {Seconds(every)}" : "";
        string later = happening.Stagger == 0 ? "" : $", each next one {Seconds(happening.Stagger)} later";
        return $"{when}{again}{later}: {DescribeChange(happening.Change)}";
    }

    private static string DescribeChange(SettingsChange change)
    {
        string?[] parts =
        [
            change.Latency is { } latency ? Describe(latency) : null,
            change.ErrorRate is { } rate ? $"{NumberText.Short(100 * rate)} % errors" : null,
            change.ErrorLatency is { } errorLatency ? $"errors in {NumberText.Short(MsPerSecond * errorLatency)} ms" : null,
            Choose(change.IsDown, "down", "up"),
            Choose(change.Hangs, "hangs", "hangs no more"),
            change.Concurrency is { } concurrency ? FormattableString.Invariant($"{concurrency} workers") : null,
            Choose(change.IgnoresCancellation, "finishes what nobody waits for", "stops what nobody waits for"),
            change.Weight is { } weight ? $"weight {NumberText.Short(weight)}" : null,
            Choose(change.IsRemoved, "not listed", "listed"),
        ];
        return string.Join(", ", parts.OfType<string>());
    }

    private static string DescribeTraffic(ScenarioPlan plan)
    {
        IReadOnlyList<RateStep> rates = plan.Arrivals.Rates;
        string process = plan.Arrivals.IsPoisson ? "arriving at random" : "arriving evenly";
        string other = rates.Count == 1 ? "" : $" and at times {string.Join(" or ", rates.Select(rate => rate.PerSecond).Distinct().Where(rate => rate != rates[0].PerSecond).Select(NumberText.Short))}";
        string keys = plan.Keys is { } some ? $", with {NumberText.Count(some.Count)} keys{(some.Skew == 0 ? "" : $" (Zipf, exponent {NumberText.Short(some.Skew)})")}" : "";
        return $"{NumberText.Short(rates[0].PerSecond)}{other} requests per second, {process}{keys}, for {NumberText.Seconds(plan.Duration)}";
    }

    private static string DescribeCaller(ScenarioPlan plan)
    {
        string clients = plan.Clients == 1 ? "One client" : $"{NumberText.Count(plan.Clients)} clients";
        string zones = plan.ClientLocalities.Count == 0 ? "" : $" (in turn in zone {string.Join(", ", plan.ClientLocalities.Select(locality => locality.Zone))})";
        string gives = plan.Clients == 1 ? "gives" : "give";
        return $"{clients}{zones}, which {gives} a request {NumberText.Seconds(plan.Timeout)} and {DescribeAttempts(plan)}";
    }

    private static string DescribeAttempts(ScenarioPlan plan)
    {
        const string retry = nameof(HttpBalancingOptions.Retry);
        const string hedging = nameof(HttpBalancingOptions.Hedging);
        string? attempts = plan.Attempts?.ToString(CultureInfo.InvariantCulture)
            ?? (plan.Balancer.IsSet(retry) ? plan.Balancer.Values.GetValueOrDefault($"{retry}:{nameof(RetryOptions.MaxAttempts)}") ?? new RetryOptions().MaxAttempts.ToString(CultureInfo.InvariantCulture) : null);
        return attempts is null or "1" || plan.Balancer.IsTurnedOff(retry)
            ? plan.Balancer.IsSet(hedging) && !plan.Balancer.IsTurnedOff(hedging) ? "one attempt with its hedges" : "one attempt"
            : $"up to {attempts} attempts";
    }

    private static IEnumerable<string> DescribeSettings(BalancerSection balancer) => balancer.Values.Count == 0
        ? []
        : ["Settings: " + string.Join(", ", balancer.Values.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"`{pair.Key}` = {DescribeValue(pair.Value)}"))];

    /// <summary>As the file has it: what was read there is called True and False.</summary>
    private static string DescribeValue(string? value) => value switch
    {
        null => "null",
        "True" => "true",
        "False" => "false",
        _ => value,
    };

    private static string Describe(LatencyDistribution distribution) => distribution switch
    {
        ConstantLatency constant => $"{NumberText.Short(constant.MeanMs)} ms",
        UniformLatency uniform => $"{NumberText.Short(uniform.MeanMs)} ± {NumberText.Short(uniform.SpreadMs)} ms",
        NormalLatency normal => $"{NumberText.Short(normal.MeanMs)} ms (normal, ± {NumberText.Short(normal.SpreadMs)} ms)",
        LogNormalLatency logNormal => $"{NumberText.Short(logNormal.MeanMs)} ms on average (log-normal, sigma {NumberText.Short(logNormal.Sigma)})",
        _ => $"{NumberText.Short(distribution.MeanMs)} ms on average (exponential)",
    };

    private static string? Choose(bool? value, string yes, string no) => value is { } known ? known ? yes : no : null;

    private static string Seconds(long time) => NumberText.Seconds(EventSpan.ToSeconds(time));
}
