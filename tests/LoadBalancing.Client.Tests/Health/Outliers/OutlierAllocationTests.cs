using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Health.Outliers;

public sealed class OutlierAllocationTests
{
    [Theory]
    [InlineData(".")]
    [InlineData("x.")]
    [InlineData("xxc.")]
    public void TryPickAndComplete_NobodyEjected_AllocateNothing(string outcomes)
    {
        using Balancer balancer = new BalancerBuilder("orders").AddBackends(Pools.DescribeMany(1)).UseOutlierDetection().UseCircuitBreaker(options => options.MinimumThroughput = int.MaxValue).Build();

        // An answer of an error: unlike a lost connection, it is remembered by nobody.
        Outcome failed = Outcome.Failed with { ErrorType = "503" };

        Allocations.ShouldBeZero(() =>
        {
            foreach (char outcome in outcomes)
            {
                balancer.TryPick(default, out BackendLease lease);
                lease.Complete(outcome switch { '.' => Outcome.Succeeded, 'x' => failed, _ => Outcome.Canceled });
            }
        });

        balancer.Backends[0].Unavailability.ShouldBe(Unavailability.None);
    }
}
