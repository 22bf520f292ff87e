using System.Globalization;
using System.Text.RegularExpressions;
using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Http.Tests.Health;

/// <summary>What docs/health.md promises follows from the defaults. That the defaults keep the promises, the other tests here show.</summary>
public sealed class HealthPageTests
{
    private static readonly Regex LogEvent = new(@"`(?<name>\w+)` \((?<id>\d+)\)", RegexOptions.None, TimeSpan.FromSeconds(1));

    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "health.md"));

    [Fact]
    public void Page_TimesOfProbes_FollowFromTheDefaults()
    {
        ActiveHealthCheckOptions probe = new();
        double interval = probe.Interval.TotalSeconds * (1 + probe.Jitter);

        ShouldSay($"{probe.UnhealthyThreshold} × {interval} s = {probe.UnhealthyThreshold * interval} s at worst, and {probe.Timeout.TotalSeconds} s more if it hangs");
        ShouldSay($"at most {(probe.UnhealthyThreshold * interval) + probe.Timeout.TotalSeconds} s");
        ShouldSay($"{probe.Interval.TotalSeconds} s ± {probe.Jitter * 100} %");
        ShouldSay($"{probe.HealthyThreshold * interval} s at most");
        ShouldSay($"run {probe.MaxConcurrent} at a time");
    }

    [Fact]
    public void Page_NumbersOfCircuits_FollowFromTheDefaults()
    {
        CircuitBreakerOptions breaker = new();
        double[] breaks = [.. Enumerable.Range(0, 5).Select(times => Math.Min(breaker.BreakDuration.TotalSeconds * (1 << times), breaker.MaxBreakDuration.TotalSeconds))];

        ShouldSay($"{breaker.ConsecutiveFailures} failures in a row, or half of at least {breaker.MinimumThroughput} attempts in {breaker.SamplingDuration.TotalSeconds} s");
        ShouldSay($"{string.Join(" s, ", breaks)} s; each ± {breaker.Jitter * 100} %");
        ShouldSay($"HalfOpen --> Closed: {breaker.SuccessesToClose} successes");
        breaker.FailureRatio.ShouldBe(0.5);
        breaker.HalfOpenPermits.ShouldBe(1);
    }

    [Fact]
    public void Page_NumbersOfOutlierDetection_FollowFromTheDefaults()
    {
        OutlierDetectionOptions outliers = new();
        double first = outliers.BaseEjectionTime.TotalSeconds;

        ShouldSay($"out for {first}, {2 * first}, {3 * first} s and so on, up to {outliers.MaxEjectionTime.TotalSeconds} s");
        ShouldSay($"up to {outliers.MaxEjectionTimeJitter.TotalSeconds} s more");
        ShouldSay($"Every {outliers.Interval.TotalSeconds} s, whoever had fewer successes than the mean less {outliers.SuccessRate.StdevFactor} standard deviations");
        ShouldSay($"more than {outliers.FailurePercentage.Threshold} %");
        (outliers.ConsecutiveFailures, outliers.MaxEjectionPercent, outliers.SuccessRate.MinimumHosts, outliers.SuccessRate.RequestVolume).ShouldBe((5, 50, 5, 100));
    }

    [Fact]
    public void Page_NumbersOfTheMerge_FollowFromTheDefaults()
    {
        (SlowStartOptions slowStart, ServiceLevelOptions level, ZoneAwareOptions zones) = (new(), new(), new());

        slowStart.MinWeight.ShouldBe(0.1);
        ShouldSay($"all of it after {slowStart.Window.TotalSeconds} s");
        ShouldSay($"`Reduced` (less than {level.ReducedBelow * 100} % of the weight is eligible), `Critical` (less than {level.CriticalBelow * 100} %)");
        ShouldSay($"fewer than {zones.MinBackends} eligible backends");
    }

    [Fact]
    public void Page_LogEvents_AreThoseOfTheTelemetryPage()
    {
        string telemetry = File.ReadAllText(Path.Combine(Repository.Root, "docs", "telemetry.md"));

        MatchCollection events = LogEvent.Matches(Page);

        events.Count.ShouldBe(8);
        events.ShouldAllBe(found => telemetry.Contains($"| {found.Groups["id"].Value} | `{found.Groups["name"].Value}` |", StringComparison.Ordinal));
    }

    [Fact]
    public void Page_Explanation_IsWhatABalancerSays()
    {
        FakeTimeProvider clock = new();
        using Balancer balancer = new BalancerBuilder("orders")
            .AddBackends(new Backend("http://10.0.0.1:8080") { Id = "a" }, new Backend("http://10.0.0.2:8080") { Id = "b" }, new Backend("http://10.0.0.3:8080") { Id = "c" }, new Backend("http://10.0.0.4:8080") { Id = "d" })
            .UseOutlierDetection(outliers => outliers.MaxEjectionPercent = 25)
            .UseTimeProvider(clock)
            .UseRandom(new Random(1))
            .Build();

        // b fails, then c, when no other may be ejected; d is drained.
        Fail(balancer, "b");
        clock.Advance(TimeSpan.FromSeconds(12));
        Fail(balancer, "c");
        _ = balancer.DrainAsync("d", TimeSpan.Zero);
        clock.Advance(TimeSpan.FromSeconds(1.5));

        ShouldSay(balancer.Explain(default).ToString());
    }

    private static void Fail(Balancer balancer, string id)
    {
        BackendState backend = balancer.Backends.Find(id)!;
        for (int i = 0; i < 1_000 && backend.Unavailability == Unavailability.None; i++)
        {
            balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
            lease.Complete(lease.Backend == backend ? Outcome.Failed with { ErrorType = "503" } : Outcome.Succeeded);
        }
    }

    private static void ShouldSay(FormattableString text) => ShouldSay(text.ToString(CultureInfo.InvariantCulture));

    private static void ShouldSay(string text) => Page.ShouldContain(text, Case.Sensitive);
}
