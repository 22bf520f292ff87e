namespace LoadBalancing.Client.Benchmarks;

/// <summary>What an idle backend costs in memory.</summary>
internal static class MemoryPerBackend
{
    private const int Count = 10_000;

    public static double Measure()
    {
        // Once to fill what is made once, then again to measure.
        using (Build())
        {
        }

        long before = GC.GetTotalMemory(forceFullCollection: true);
        using Balancer balancer = Build();
        long after = GC.GetTotalMemory(forceFullCollection: true);
        return (double)(after - before) / balancer.Backends.Count;
    }

    private static Balancer Build()
    {
        Balancer balancer = new BalancerBuilder("orders").AddBackends(Pools.Describe(Count)).Build();
        balancer.Start();
        return balancer;
    }
}
