using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Simulation.Tests.Architecture;

public sealed class ArchitectureTests
{
    private static readonly FloorRules Rules = new()
    {
        Floors = new Dictionary<string, int>(StringComparer.Ordinal)
        {
            ["Commands"] = 6,
            ["Reports"] = 5,
            ["Running"] = 4,
            ["Servers"] = 3,
            ["Results"] = 3,
            ["Scenarios"] = 2,
            ["Traffic"] = 1,
            ["Time"] = 0,
            ["Charts"] = 0,
        },
    };

    [Fact]
    public void Simulation_EveryFolder_UsesLowerFloorsOnly()
    {
        FloorReport report = Rules.Check(SourceFile.ReadProject(Path.Combine(Repository.Root, "src", "LoadBalancing.Client.Simulation")));

        report.Violations.ShouldBeEmpty(string.Join('\n', report.Violations));
        report.CrossFolderUses.ShouldBeGreaterThan(0, "Nothing resolves, so nothing was checked.");
    }

    /// <summary>The simulator drives the engine that ships: it has no policy, no circuit breaker and no balancer of its own.</summary>
    [Fact]
    public void Simulation_TheEngine_IsTheOneThatShips()
    {
        Type[] types = typeof(Simulator).Assembly.GetTypes();

        typeof(Balancer).Assembly.GetName().Name.ShouldBe("LoadBalancing.Client");
        types.ShouldNotContain(type => typeof(LoadBalancingPolicy).IsAssignableFrom(type) || typeof(PickerFactory).IsAssignableFrom(type) || typeof(Picker).IsAssignableFrom(type));
    }
}
