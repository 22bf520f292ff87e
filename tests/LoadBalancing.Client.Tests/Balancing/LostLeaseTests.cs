using System.Runtime.CompilerServices;

namespace LoadBalancing.Client.Tests.Balancing;

public sealed class LostLeaseTests
{
    [Fact]
    public void Lease_LostOnAThreadThatHasPooledAttempts_IsCompleteOnceCollected()
    {
        using Balancer balancer = new BalancerBuilder("orders").AddBackends("http://10.0.0.1").Build();
        PickAndComplete(balancer, 100);

        Lose(balancer, 10);
        for (int i = 0; i < 1_000 && balancer.Backends[0].InFlight != 0; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Thread.Yield();
        }

        balancer.Backends[0].InFlight.ShouldBe(0);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void PickAndComplete(Balancer balancer, int count)
    {
        List<BackendLease> leases = [];
        for (int i = 0; i < count; i++)
        {
            balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
            leases.Add(lease);
        }

        leases.ForEach(lease => lease.Complete(Outcome.Succeeded));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Lose(Balancer balancer, int count)
    {
        for (int i = 0; i < count; i++)
        {
            balancer.TryPick(default, out _).ShouldBeTrue();
        }
    }
}
