using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Health.Outliers;

public sealed class OutlierReloadTests
{
    private static readonly Backend[] Four = Pools.DescribeMany(4);

    [Fact]
    public void Reload_TurnedOff_AllReturnAtOnceAndNobodyIsEjected()
    {
        using OutlierPool pool = new(Four);
        pool.Eject(0);
        pool.Eject(1);

        pool.Reload(Four, options => options.Enabled = false);
        pool.Ejected.ShouldBeEmpty();
        pool.Balancer.Backends.Eligible.Length.ShouldBe(4);
        pool.Try(2, succeeded: 0, failed: 100);

        pool.Ejected.ShouldBeEmpty();
        pool.Advance(30);
        pool.Clock.ActiveTimers.ShouldBe(0);
    }

    [Fact]
    public void Reload_TurnedOff_LeavesTheFlagsOfOthers()
    {
        using OutlierPool pool = new(Four);
        pool.Eject(0);
        pool[0].SetFlag(Unavailability.ProbeFailed, true);
        pool[1].SetFlag(Unavailability.CircuitOpen, true);

        pool.Reload(Four, options => options.Enabled = false);

        pool[0].Unavailability.ShouldBe(Unavailability.ProbeFailed);
        pool[1].Unavailability.ShouldBe(Unavailability.CircuitOpen);
    }

    [Fact]
    public void Reload_TurnedOffAndOn_BeginsAnew()
    {
        using OutlierPool pool = new(Four);
        pool.Eject(0);
        pool.Try(1, "xxxx");
        pool.Reload(Four, options => options.Enabled = false);
        pool.Reload(Four);

        pool.Try(1, "xxxx");
        pool.Ejected.ShouldBeEmpty();
        pool.Eject(0);

        pool.Verdict(0).Times.ShouldBe(1);
    }

    [Fact]
    public void Reload_TurnedOffAndOn_AnOldReturnDoesNotEndTheNewEjection()
    {
        using OutlierPool pool = new(Four);
        pool.Eject(0);
        pool.Reload(Four, options => options.Enabled = false);
        pool.Advance(20);
        pool.Reload(Four);
        pool.Eject(0);

        pool.Advance(29);
        pool.Ejected.ShouldBe("b0");
        pool.Advance(1);

        pool.Ejected.ShouldBeEmpty();
    }

    [Fact]
    public void Reload_TurnedOn_JudgesThoseThatWereThere()
    {
        using OutlierPool pool = new(Four, options => options.Enabled = false);
        pool.Try(0, "xxxx");

        pool.Reload(Four);
        pool.Try(0, "xxxx");
        pool.Ejected.ShouldBeEmpty();
        pool.Try(0, "x");

        pool.Ejected.ShouldBe("b0");
    }

    [Fact]
    public void Reload_OtherTimes_LeaveWhoIsOutUntilItsTime()
    {
        using OutlierPool pool = new(Four);
        pool.Eject(0);

        pool.Reload(Four, options => options.BaseEjectionTime = TimeSpan.FromSeconds(5));
        pool.Eject(1);
        pool.Advance(5);
        pool.Ejected.ShouldBe("b0");
        pool.Advance(25);

        pool.Ejected.ShouldBeEmpty();
    }

    [Fact]
    public void Reload_ALowerCap_EjectsNobodyAboveIt()
    {
        using OutlierPool pool = new(Four);
        pool.Eject(0);
        pool.Eject(1);

        pool.Reload(Four, options => options.MaxEjectionPercent = 25);
        pool.Advance(29);
        pool.Try(2, "xxxxx");
        pool.Ejected.ShouldBe("b0 b1");
        pool.Advance(1);
        pool.Eject(2);
        pool.Try(3, "xxxxx");

        pool.Ejected.ShouldBe("b2");
    }

    [Theory]
    [InlineData(20, 16)]
    [InlineData(5, 1)]
    public void Reload_AnotherInterval_CountsFromWhenTheLastOneEnded(double interval, double secondsLeft)
    {
        using OutlierPool pool = ReloadAfter14Seconds(interval);

        pool.Advance(secondsLeft - 1e-7);
        pool.Ejected.ShouldBeEmpty();
        pool.Advance(1e-7);

        pool.Ejected.ShouldBe("b0");
    }

    [Fact]
    public void Reload_AShorterIntervalThatIsOverAlready_EndsNow()
    {
        using OutlierPool pool = ReloadAfter14Seconds(3);

        pool.Advance(0);

        pool.Ejected.ShouldBe("b0");
    }

    [Fact]
    public void Reload_ALongerInterval_IsNotEndedByWhatTheShorterOneHadPlanned()
    {
        using OutlierPool pool = ReloadAfter14Seconds(15);

        pool.Advance(10);
        pool.Ejected.ShouldBeEmpty();
        pool.Advance(1);

        pool.Ejected.ShouldBe("b0");
    }

    [Fact]
    public void Reload_NothingOfThisChanged_KeepsTheRow()
    {
        using OutlierPool pool = new(Four);
        pool.Try(0, "xxxx");

        pool.Reload(Four, options => options.MaxEjectionPercent = 75);
        pool.Try(0, "x");

        pool.Ejected.ShouldBe("b0");
    }

    [Fact]
    public void UseOutlierDetection_OptionsChangedAfterwards_DoNotReachTheBalancer()
    {
        OutlierDetectionOptions? kept = null;
        using OutlierPool pool = new(Four, options => kept = options);

        kept!.ConsecutiveFailures = 1;
        kept.SuccessRate.StdevFactor = 0;
        pool.Try(0, "xxxx");

        pool.Ejected.ShouldBeEmpty();
    }

    /// <summary>An interval of 10 seconds has ended 4 seconds ago; since then, the options are others and the first backend fails half of the time.</summary>
    private static OutlierPool ReloadAfter14Seconds(double interval)
    {
        OutlierPool pool = new(5, options => options.ConsecutiveFailures = 0);
        pool.Advance(14);
        pool.Reload(Pools.DescribeMany(5), options =>
        {
            options.ConsecutiveFailures = 0;
            options.Interval = TimeSpan.FromSeconds(interval);
        });
        for (int i = 0; i < 5; i++)
        {
            pool.Try(i, succeeded: i == 0 ? 50 : 100, failed: i == 0 ? 50 : 0);
        }

        return pool;
    }
}
