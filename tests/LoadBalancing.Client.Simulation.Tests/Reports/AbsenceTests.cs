using LoadBalancing.Client.Simulation.Reports;

namespace LoadBalancing.Client.Simulation.Tests.Reports;

public sealed class AbsenceTests
{
    [Fact]
    public void FindAll_BackendThatReturns_DrainsUntilThen() =>
        Find("\"atSeconds\": 3, \"untilSeconds\": 7, \"removed\": true").ShouldHaveSingleItem().ShouldBe(new Absence("a", 0, AbsenceKind.Draining, 3, 7));

    [Fact]
    public void FindAll_BackendThatStaysAway_DrainsUntilTheEnd() =>
        Find("\"atSeconds\": 3, \"removed\": true").ShouldHaveSingleItem().ShouldBe(new Absence("a", 0, AbsenceKind.Draining, 3, 10));

    [Fact]
    public void FindAll_BackendThatFails_IsOpenThenHalfOpen()
    {
        IReadOnlyList<Absence> absences = Find("\"atSeconds\": 1, \"untilSeconds\": 2, \"down\": true");

        absences.Select(absence => absence.Kind).Take(2).ShouldBe([AbsenceKind.CircuitOpen, AbsenceKind.CircuitHalfOpen]);
        absences[0].Until.ShouldBe(absences[1].From);
        absences.ShouldAllBe(absence => absence.Backend == "a" && absence.From < absence.Until && absence.Until <= 10);
    }

    private static IReadOnlyList<Absence> Find(string happening)
    {
        var scenario = Scenario.Parse($$"""
            { "durationSeconds": 10, "arrivals": { "ratePerSecond": 100 }, "balancer": { "CircuitBreaker": { "BreakDuration": "00:00:02" } },
              "backends": [ { "count": 3, "latency": { "distribution": "constant", "meanMs": 5 } },
                            { "id": "a", "latency": { "distribution": "constant", "meanMs": 5 }, "events": [ { {{happening}} } ] } ] }
            """);
        return Absence.FindAll(scenario, Simulator.Run(scenario, "round_robin"));
    }
}
