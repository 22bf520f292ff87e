using LoadBalancing.Client.Simulation.Charts;
using LoadBalancing.Client.Simulation.Reports;
using LoadBalancing.Client.Simulation.Tests.Support;

namespace LoadBalancing.Client.Simulation.Tests.Reports;

public sealed class AvailabilityChartTests
{
    [Theory]
    [InlineData("")]
    [InlineData("{ \"atSeconds\": 3, \"removed\": true }")]
    public void Create_NothingThatBalancersFoundOut_IsNone(string happening) => Create(happening).ShouldBeNull();

    [Fact]
    public void Create_BackendThatFails_HasALaneForIt()
    {
        Chart chart = Create("{ \"atSeconds\": 1, \"untilSeconds\": 2, \"down\": true }").ShouldNotBeNull();

        chart.Description.ShouldMatch("^round_robin: circuit open once on one backend in one client, first at 1[.]?[0-9]? s[.]$");
        Drawn.Parse(ChartSvg.CreateFile(chart)).Drawings("text").Select(text => text.Value).ShouldContain("a circuit open");
    }

    private static Chart? Create(string happening)
    {
        var scenario = Scenario.Parse($$"""
            { "durationSeconds": 10, "arrivals": { "ratePerSecond": 100 },
              "backends": [ { "count": 3, "latency": { "distribution": "constant", "meanMs": 5 } }, { "id": "a", "latency": { "distribution": "constant", "meanMs": 5 }, "events": [ {{happening}} ] } ] }
            """);
        return AvailabilityChart.Create(scenario, [Simulator.Run(scenario, "round_robin")]);
    }
}
