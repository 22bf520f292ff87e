using LoadBalancing.Client.Simulation.Scenarios;
using LoadBalancing.Client.Simulation.Traffic;

namespace LoadBalancing.Client.Simulation.Tests.Scenarios;

public sealed class ScenarioReadingTests
{
    [Fact]
    public void Parse_NothingButWhatMustBeThere_HasTheDefaults()
    {
        ScenarioPlan plan = Scenario.Parse(
            """{ "durationSeconds": 10, "arrivals": { "ratePerSecond": 100 }, "backends": [ { "latency": { "distribution": "constant", "meanMs": 10 } } ] }""",
            "folder/small.json").Plan;

        (plan.Name, plan.Description).ShouldBe(("small", null));
        plan.Policies.ShouldBe(["least_request"]);
        (plan.Seed, plan.WarmUp, plan.Clients, plan.Timeout, plan.CancelOnTimeout, plan.Attempts).ShouldBe((1, 0, 1, 10, true, null));
        plan.Arrivals.IsPoisson.ShouldBeTrue();
        plan.Keys.ShouldBeNull();
        plan.Balancer.Policy.ShouldBe("least_request");
        BackendGroup group = plan.Groups.ShouldHaveSingleItem();
        group.Ids.ShouldBe(["b0"]);
        group.Settings.ShouldBe(new BackendSettings { Latency = new ConstantLatency(10) });
    }

    /// <summary>The example of the design, with comments.</summary>
    [Fact]
    public void Parse_TheExample_SaysAllOfIt()
    {
        ScenarioPlan plan = Scenario.Parse("""
            { "name": "one-slow", "description": "What to look for.", "policies": [ "random", "least_request:FullScan=true" ], "seed": 7, "durationSeconds": 60, "warmupSeconds": 5, "clients": 2, // two processes
              "arrivals": { "process": "uniform", "ratePerSecond": 1000 }, "timeoutSeconds": 1.5, "cancelOnTimeout": false, "attempts": 3,
              "balancer": { "OutlierDetection": { "Enabled": true }, "CircuitBreaker": { "Enabled": false } },
              "backends": [ { "count": 10, "weight": 1, "concurrency": 0, "latency": { "distribution": "uniform", "meanMs": 167, "spreadMs": 5 } },
                            { "count": 1, "latency": { "distribution": "normal", "meanMs": 167, "spreadMs": 5 },
                              "events": [ { "atSeconds": 20, "untilSeconds": 50, "latency": { "distribution": "constant", "meanMs": 2000 }, "errorRate": 0.5 }, ] } ] }
            """).Plan;

        (plan.Name, plan.Seed, plan.Duration, plan.WarmUp, plan.Clients, plan.Timeout, plan.CancelOnTimeout, plan.Attempts).ShouldBe(("one-slow", 7, 60, 5, 2, 1.5, false, 3));
        plan.Description.ShouldBe("What to look for.");
        plan.Policies.ShouldBe(["random", "least_request:FullScan=true"]);
        plan.Arrivals.IsPoisson.ShouldBeFalse();
        plan.Groups.SelectMany(group => group.Ids).ShouldBe(Enumerable.Range(0, 11).Select(index => $"b{index}"));
        plan.Groups[0].Settings.Latency.ShouldBe(new UniformLatency(167, 5));
        IReadOnlyList<SettingsStep> steps = plan.Groups[1].CreateTimeline(0, plan.Duration);
        steps.Select(step => step.From).ShouldBe([0, 20, 50]);
        steps[1].Settings.ShouldBe(plan.Groups[1].Settings with { Latency = new ConstantLatency(2000), ErrorRate = 0.5 });
        steps[2].Settings.ShouldBe(plan.Groups[1].Settings);
    }

    [Fact]
    public void CreateTimeline_RepeatsAndStagger_AreThereUntilTheEnd()
    {
        BackendGroup group = Scenario.Parse("""
            { "durationSeconds": 1, "arrivals": { "ratePerSecond": 1 },
              "backends": [ { "id": "b", "count": 3, "latency": { "distribution": "constant", "meanMs": 10 }, "events": [ { "atSeconds": 0.1, "untilSeconds": 0.2, "everySeconds": 0.3, "staggerSeconds": 0.05, "down": true } ] } ] }
            """).Plan.Groups[0];

        group.Ids.ShouldBe(["b-0", "b-1", "b-2"]);
        group.CreateTimeline(0, 1).Select(step => (step.From, step.Settings.IsDown)).ShouldBe([(0, false), (0.1, true), (0.2, false), (0.4, true), (0.5, false), (0.7, true), (0.8, false)]);
        group.CreateTimeline(2, 1).Select(step => (step.From, step.Settings.IsDown)).ShouldBe([(0, false), (0.2, true), (0.3, false), (0.5, true), (0.6, false), (0.8, true), (0.9, false)]);
    }

    [Fact]
    public void CreateTimeline_EventAtZero_IsThereFromTheStart() => Scenario.Parse("""
        { "durationSeconds": 1, "arrivals": { "ratePerSecond": 1 }, "backends": [ { "latency": { "distribution": "constant", "meanMs": 10 }, "events": [ { "atSeconds": 0, "errorRate": 1 } ] } ] }
        """).Plan.Groups[0].CreateTimeline(0, 1).ShouldHaveSingleItem().Settings.ErrorRate.ShouldBe(1);

    [Fact]
    public void Run_PolicyOptionsOfTheScenario_AreThoseOfItsPolicyOnly()
    {
        const string scenario = """
            {
              "durationSeconds": 5, "arrivals": { "ratePerSecond": 200 }, "balancer": { "Policy": "least_request", "PolicyOptions": { "FullScan": true } },
              "backends": [ { "count": 5, "latency": { "distribution": "exponential", "meanMs": 30 } } ]
            }
            """;
        Scenario withOptions = Scenario.Parse(scenario);
        Scenario without = Scenario.Parse(scenario.Replace(", \"PolicyOptions\": { \"FullScan\": true }", "", StringComparison.Ordinal));

        double fullScan = Simulator.Run(without, "least_request:FullScan=true").Summary.MeanMs;
        Simulator.Run(withOptions).Summary.MeanMs.ShouldBe(fullScan);
        Simulator.Run(withOptions, "least_request").Summary.MeanMs.ShouldBe(fullScan);
        Simulator.Run(without, "least_request").Summary.MeanMs.ShouldNotBe(fullScan);
        Simulator.Run(withOptions, "round_robin").Summary.ShouldBeEquivalentTo(Simulator.Run(without, "round_robin").Summary);
    }
}
