namespace LoadBalancing.Client.Tests.Health.Probing;

/// <summary>What probes alone cost while a backend is down and nobody has noticed.</summary>
public sealed class ProbeVectorTests
{
    /// <summary>Five backends, 1,000 requests per second, one goes down: it gets 200 requests per second until the third probe fails, 10 to 15 s later with the default interval.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(2.5)]
    [InlineData(4.999)]
    public void OneOfFiveDown_ProbesOnly_LosesSomeThousandRequests(double sinceLastProbe)
    {
        using ProbedPool pool = new(5);
        pool.Start();
        pool.Advance(100);
        TimeSpan last = pool.Probe.CallsOf("b2")[^1];
        pool.Advance(last.TotalSeconds + 5 + sinceLastProbe - 100);
        pool.Probe.Fail("b2", "refused");

        int failed = 0;
        for (int i = 0; i < 20_000; i++)
        {
            pool.Advance(0.001);
            pool.Balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
            bool isDown = lease.Backend.Id == "b2";
            failed += isDown ? 1 : 0;
            lease.Complete(isDown ? Outcome.ConnectFailed : Outcome.Succeeded);
        }

        ((double)failed).ShouldBe((15 - sinceLastProbe) * 200, 2);
    }
}
