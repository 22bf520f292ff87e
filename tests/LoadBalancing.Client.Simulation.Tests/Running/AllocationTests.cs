using LoadBalancing.Client.Simulation.Running;
using LoadBalancing.Client.Simulation.Scenarios;

namespace LoadBalancing.Client.Simulation.Tests.Running;

public sealed class AllocationTests
{
    /// <summary>Requests, attempts and events are used again and again; what stays of a request is its latency, twice, in lists that double.</summary>
    [Fact]
    public void Play_ManyRequests_AllocatesForTheirLatenciesOnly()
    {
        const int more = 100_000;
        Allocated(requests: 20_000);

        double perRequest = (Allocated(20_000 + more) - Allocated(20_000)) / (double)more;

        perRequest.ShouldBeLessThan(2 * 2 * 2 * sizeof(double));
    }

    private static long Allocated(int requests)
    {
        ScenarioPlan plan = Scenario.Parse($$"""
            { "durationSeconds": 20, "arrivals": { "process": "uniform", "ratePerSecond": {{requests / 20}} }, "timeoutSeconds": 1, "backends": [ { "count": 10, "latency": { "distribution": "exponential", "meanMs": 20 } } ] }
            """).Plan;
        return Simulator.OnThreadOfItsOwn(() =>
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            using SimulationRun run = new(plan, PolicyChoice.Parse("least_request"), trace: null);
            run.Play().Summary.Requests.ShouldBe(requests);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });
    }
}
