namespace LoadBalancing.Client.Tests.Health.Outliers;

public sealed class ConsecutiveFailureTests
{
    [Fact]
    public void Complete_FiveFailuresInARow_EjectsAtTheFifth()
    {
        using OutlierPool pool = new(4);

        pool.Try(0, "xxxx");
        pool[0].Unavailability.ShouldBe(Unavailability.None);
        pool.Try(0, "x");

        pool[0].Unavailability.ShouldBe(Unavailability.Ejected);
        pool.Balancer.Backends.Eligible.Contains(pool[0]).ShouldBeFalse();
        pool.Verdict(0).Cause.ShouldBe("5 failures in a row");
    }

    [Fact]
    public void Complete_ASuccessBetween_BeginsTheRowAnew()
    {
        using OutlierPool pool = new(4);

        pool.Try(0, "xxxx.xxxx.xxxx");

        pool.Ejected.ShouldBeEmpty();
    }

    [Fact]
    public void Complete_CancellationsBetween_NeitherEndTheRowNorAddToIt()
    {
        using OutlierPool pool = new(4);

        pool.Try(0, "ccccccxxcxxcccccc");
        pool.Ejected.ShouldBeEmpty();
        pool.Try(0, "x");

        pool.Ejected.ShouldBe("b0");
    }

    [Fact]
    public void Complete_CancellationsAlone_NeverEject()
    {
        using OutlierPool pool = new(6, options =>
        {
            options.FailurePercentage.Enabled = true;
            options.SuccessRate.StdevFactor = 0;
        });

        for (int interval = 0; interval < 5; interval++)
        {
            pool.Try(0, new string('c', 500));
            for (int other = 1; other < 6; other++)
            {
                pool.Try(other, succeeded: 100, failed: 0);
            }

            pool.Advance(10);
            pool.Ejected.ShouldBeEmpty();
        }
    }

    [Theory]
    [InlineData(1, "a failure")]
    [InlineData(2, "2 failures in a row")]
    [InlineData(7, "7 failures in a row")]
    public void Complete_OtherLimits_EjectAtTheLimit(int limit, string cause)
    {
        using OutlierPool pool = new(4, options => options.ConsecutiveFailures = limit);

        pool.Try(0, succeeded: 3, failed: limit - 1);
        pool.Ejected.ShouldBeEmpty();
        pool.Try(0, "x");

        pool.Ejected.ShouldBe("b0");
        pool.Verdict(0).Cause.ShouldBe(cause);
    }

    [Fact]
    public void Complete_LimitZero_NeverEjects()
    {
        using OutlierPool pool = new(4, options => options.ConsecutiveFailures = 0);

        pool.Try(0, succeeded: 0, failed: 1000);

        pool.Ejected.ShouldBeEmpty();
    }

    [Fact]
    public void Complete_AHundredLosesWithOneConnection_IsOneFailure()
    {
        using OutlierPool pool = new(4);
        BackendLease[] together = [.. Enumerable.Range(0, 100).Select(_ => pool.Begin(0))];

        Array.ForEach(together, lease => lease.Complete(Outcome.Failed));
        pool.Try(0, "xxx");
        pool.Ejected.ShouldBeEmpty();
        pool.Try(0, "x");

        pool.Ejected.ShouldBe("b0");
    }

    [Fact]
    public void Complete_AHundredAnswersOfAnError_AreAHundredFailures()
    {
        using OutlierPool pool = new(4);
        BackendLease[] together = [.. Enumerable.Range(0, 5).Select(_ => pool.Begin(0))];

        Array.ForEach(together, lease => lease.Complete(Outcome.Failed with { ErrorType = "503" }));

        pool.Ejected.ShouldBe("b0");
    }

    [Fact]
    public void Complete_NotTurnedOn_NeverEjects()
    {
        using OutlierPool pool = new(4, options => options.Enabled = false);

        pool.Try(0, succeeded: 0, failed: 100);
        pool.Advance(100);

        pool.Ejected.ShouldBeEmpty();
        pool.Clock.ActiveTimers.ShouldBe(0);
    }

    /// <summary>Those who eject, and break, hear of the same failures; neither keeps them from the other, nor touches the other's flag.</summary>
    [Fact]
    public void Complete_WithACircuitBreaker_BothJudge()
    {
        using Balancer balancer = new BalancerBuilder("orders").AddBackends("http://10.0.0.1", "http://10.0.0.2").UsePolicy(new PickFirstPolicy()).UseOutlierDetection().Build();
        BackendState first = balancer.Backends[0];

        for (int i = 0; i < 5; i++)
        {
            balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
            lease.Complete(Outcome.Failed);
        }

        first.Unavailability.ShouldBe(Unavailability.Ejected | Unavailability.CircuitOpen);
    }
}
