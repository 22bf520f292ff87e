using LoadBalancing.Client.Tests.Discovery;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Health.Outliers;

public sealed class EjectionCapTests
{
    [Theory]
    [InlineData(1, 50, 1)]
    [InlineData(2, 50, 1)]
    [InlineData(3, 50, 1)]
    [InlineData(4, 50, 2)]
    [InlineData(5, 50, 2)]
    [InlineData(6, 50, 3)]
    [InlineData(3, 67, 2)]
    [InlineData(3, 66, 1)]
    [InlineData(10, 0, 1)]
    [InlineData(10, 9, 1)]
    [InlineData(10, 19, 1)]
    [InlineData(10, 20, 2)]
    [InlineData(10, 100, 10)]
    [InlineData(100, 29, 29)]
    [InlineData(100, 57, 57)]
    public void Complete_AllFail_EjectsTheCapRoundedDownAndAtLeastOne(int count, int percent, int ejected)
    {
        using OutlierPool pool = new(count, options => options.MaxEjectionPercent = percent);

        for (int i = 0; i < count; i++)
        {
            pool.Try(i, "xxxxx");
        }

        pool.Balancer.Backends.Count(OutlierPool.IsEjected).ShouldBe(ejected);
    }

    [Fact]
    public void Complete_Tiers_HaveACapEach()
    {
        using OutlierPool pool = new(Tiers(4, 2, 1));

        for (int i = 0; i < 7; i++)
        {
            pool.Try(i, "xxxxx");
        }

        pool.Ejected.ShouldBe("b0 b1 b4 b6");
    }

    [Fact]
    public void Complete_OutOnPurpose_IsNotEjectedNorPartOfTheTier()
    {
        Backend[] backends = Pools.DescribeMany(6);
        backends[5] = backends[5] with { Weight = 0 };
        using OutlierPool pool = new(backends);
        BackendLease[] failing = [.. Enumerable.Range(0, 6).SelectMany(index => Enumerable.Range(0, 5).Select(_ => pool.Begin(index)))];
        pool.Balancer.Isolate("b3");
        _ = pool.Balancer.DrainAsync("b4", TimeSpan.FromDays(1));

        // Of six, three might be; of the three that are left, one may.
        Array.ForEach(failing[15..], lease => lease.Complete(Outcome.Failed with { ErrorType = "503" }));
        pool.Ejected.ShouldBeEmpty();
        Array.ForEach(failing[..15], lease => lease.Complete(Outcome.Failed with { ErrorType = "503" }));

        pool.Ejected.ShouldBe("b0");
    }

    [Fact]
    public void Complete_EjectedAndThenIsolated_StillTakesAPlace()
    {
        using OutlierPool pool = new(3);
        pool.Eject(0);
        pool.Balancer.Isolate("b0");

        pool.Try(1, "xxxxx");

        pool.Ejected.ShouldBe("b0");
    }

    [Fact]
    public void Complete_APlaceGetsFree_EjectsAtTheNextFullRow()
    {
        using OutlierPool pool = new(2);
        pool.Eject(0);
        pool.Try(1, "xxxxxxx");
        pool.Advance(30);

        pool.Try(1, "xx");
        pool.Ejected.ShouldBeEmpty();
        pool.Try(1, "x");

        pool.Ejected.ShouldBe("b1");
        pool.Verdict(1).Cause.ShouldBe("10 failures in a row");
    }

    [Fact]
    public void Update_AnEjectedOneLeaves_GivesItsPlaceFree()
    {
        using OutlierPool pool = new(3);
        pool.Eject(0);
        pool.Try(1, "xxxxx");
        pool.Ejected.ShouldBe("b0");

        pool.Reload(Pools.DescribeMany(3)[1..]);
        pool.Try(1, "xxxxx");

        pool.Ejected.ShouldBe("b1");
    }

    [Fact]
    public void Complete_NoLongerListed_IsNotEjected()
    {
        using OutlierPool pool = new(3);
        BackendLease[] failing = [.. Enumerable.Range(0, 5).Select(_ => pool.Begin(0))];
        pool.Reload(Pools.DescribeMany(3)[1..]);

        Array.ForEach(failing, lease => lease.Complete(Outcome.Failed with { ErrorType = "503" }));

        pool[0].Unavailability.ShouldBe(Unavailability.Draining);
    }

    [Fact]
    public void Update_AnEjectedOneComesBack_IsStillEjectedAndTakesAPlace()
    {
        using OutlierPool pool = new(3);
        BackendLease running = pool.Begin(0);
        pool.Eject(0);
        pool.Reload(Pools.DescribeMany(3)[1..]);
        pool.Advance(10);
        pool.Reload(Pools.DescribeMany(3));

        pool.Try(1, "xxxxx");
        pool.Ejected.ShouldBe("b0");
        pool.Advance(20);

        pool.Ejected.ShouldBeEmpty();
        running.Complete(Outcome.Succeeded);
    }

    [Fact]
    public void Return_WhileNotListed_TakesNoPlaceWhenItComesBack()
    {
        using OutlierPool pool = new(3);
        BackendLease running = pool.Begin(0);
        pool.Eject(0);
        pool.Reload(Pools.DescribeMany(3)[1..]);
        pool.Advance(30);
        pool.Reload(Pools.DescribeMany(3));

        pool.Eject(1);

        pool.Ejected.ShouldBe("b1");
        running.Complete(Outcome.Succeeded);
    }

    [Fact]
    public void Update_AnEjectedOneChangesItsTier_CountsInTheNewOne()
    {
        using OutlierPool pool = new(Tiers(2, 2));
        pool.Eject(0);
        Backend[] moved = Tiers(2, 2);
        moved[0] = moved[0] with { Priority = 1 };

        pool.Reload(moved);
        pool.Try(2, "xxxxx");
        pool.Ejected.ShouldBe("b0");
        pool.Try(1, "xxxxx");

        pool.Ejected.ShouldBe("b0 b1");
    }

    [Fact]
    public void Update_TheTierGrows_MakesRoom()
    {
        using OutlierPool pool = new(3);
        pool.Eject(0);
        pool.Try(1, "xxxxx");
        pool.Ejected.ShouldBe("b0");

        pool.Reload(Pools.DescribeMany(4));
        pool.Try(1, "xxxxx");

        pool.Ejected.ShouldBe("b0 b1");
    }

    [Fact]
    public void Complete_Refused_IsSaid()
    {
        RecordingLog log = new();
        using Balancer balancer = new BalancerBuilder("orders")
            .AddBackends(Pools.DescribeMany(1))
            .UseCircuitBreaker(options => options.Enabled = false)
            .UseOutlierDetection(options => options.ConsecutiveFailures = 1)
            .Configure(options => options.Backends.Add(Pools.Describe(1)))
            .UsePolicy(new RoundRobinPolicy())
            .UseLoggerFactory(log)
            .Build();

        for (int i = 0; i < 2; i++)
        {
            balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
            lease.Complete(Outcome.Failed);
        }

        string refused = log.Of("EjectionRefused").ShouldHaveSingleItem();
        refused.ShouldMatch("^Service orders: backend b[01] is not ejected \\(a failure\\): as many of its tier are ejected as may be\\.$");
    }

    /// <summary>So many backends of priority 0, so many of priority 1, and so on.</summary>
    private static Backend[] Tiers(params int[] sizes) =>
        [.. sizes.SelectMany((size, priority) => Enumerable.Repeat(priority, size)).Select((priority, index) => Pools.Describe(index) with { Priority = priority })];
}
