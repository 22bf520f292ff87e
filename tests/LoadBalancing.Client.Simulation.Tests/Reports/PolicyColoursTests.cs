using LoadBalancing.Client.Simulation.Reports;

namespace LoadBalancing.Client.Simulation.Tests.Reports;

public sealed class PolicyColoursTests
{
    [Fact]
    public void Assign_CommonPolicy_HasItsColourWhereverItStands()
    {
        IReadOnlyList<int> alone = PolicyColours.Assign(["peak_ewma"]);
        IReadOnlyList<int> last = PolicyColours.Assign(["maglev", "random", "least_request:FullScan=true", "peak_ewma"]);

        last[3].ShouldBe(alone[0]);
        last.ShouldBeUnique();
    }

    [Fact]
    public void Assign_EightPolicies_AllDiffer() =>
        PolicyColours.Assign(["a", "b", "round_robin", "c", "random", "d", "e", "weighted_round_robin"]).ShouldBeUnique();

    [Fact]
    public void Assign_MoreThanColours_HasOneForEach() => PolicyColours.Assign([.. Enumerable.Range(0, 20).Select(index => $"policy{index}")]).Count.ShouldBe(20);
}
