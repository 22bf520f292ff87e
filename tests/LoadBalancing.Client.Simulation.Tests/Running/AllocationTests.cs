using LoadBalancing.Client.Simulation.Running;
using LoadBalancing.Client.Simulation.Scenarios;

namespace LoadBalancing.Client.Simulation.Tests.Running;

public sealed class AllocationTests
{
    /// <summary>Requests, attempts and events are used again and again; what stays of a request is its latency, twice, in lists that double.</summary>
    [Theory]
    [InlineData("\"Enabled\": false")]
    [InlineData("\"Enabled\": true, \"Percentile\": 0.8")]
    public void Play_ManyRequests_AllocatesForTheirLatenciesOnly(string hedging)
    {
        const int more = 100_000;
        Allocated(20_000, hedging);

        double perRequest = (Allocated(20_000 + more, hedging) - Allocated(20_000, hedging)) / (double)more;

        perRequest.ShouldBeLessThan(2 * 2 * 2 * sizeof(double));
    }

    private static long Allocated(int requests, string hedging)
    {
        ScenarioPlan plan = Scenario.Parse($$"""
            { "durationSeconds": 20, "arrivals": { "process": "uniform", "ratePerSecond": {{requests / 20}} }, "timeoutSeconds": 1, "balancer": { "Hedging": { {{hedging}} } }, "backends": [ { "count": 10, "latency": { "distribution": "exponential", "meanMs": 20 } } ] }
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
