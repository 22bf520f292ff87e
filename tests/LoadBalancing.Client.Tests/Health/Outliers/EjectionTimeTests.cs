using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Health.Outliers;

public sealed class EjectionTimeTests
{
    private const double Tick = 1e-7;

    private static readonly Outcome Unavailable = Outcome.Failed with { ErrorType = "503" };

    [Fact]
    public void Return_NotAtTheEndOfAnInterval_IsOnTime()
    {
        using OutlierPool pool = new(4);
        pool.Advance(3.7);
        pool.Eject(0);

        pool.Advance(30 - Tick);
        pool.Ejected.ShouldBe("b0");
        pool.Advance(Tick);

        pool[0].Unavailability.ShouldBe(Unavailability.None);
        pool.Balancer.Backends.Eligible.Contains(pool[0]).ShouldBeTrue();
    }

    [Fact]
    public void Eject_AgainAndAgain_TakesOneMoreBaseTimeEachTimeUpToTheLongest()
    {
        using OutlierPool pool = new(4);

        for (int times = 1; times <= 14; times++)
        {
            pool.Eject(0);
            pool.Verdict(0).Times.ShouldBe(times);
            MeasureEjection(pool).ShouldBe(Math.Min(30 * times, 300));
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.5, 1.5)]
    [InlineData(0.9999, 2.9997)]
    public void Eject_Jitter_ComesOnTopAlsoOfTheLongest(double drawn, double jitter)
    {
        using OutlierPool pool = new(4, options => options.MaxEjectionTimeJitter = TimeSpan.FromSeconds(3), new ScriptedRandom { Doubles = [.. Enumerable.Repeat(drawn, 11)] });

        for (int times = 1; times <= 11; times++)
        {
            pool.Eject(0);
            MeasureEjection(pool).ShouldBe(Math.Min(30 * times, 300) + jitter, 1e-6);
        }
    }

    [Fact]
    public void Eject_ManySeeds_IsWithinTheJitterAndSpread()
    {
        double[] seconds = [.. Enumerable.Range(0, 200).Select(seed =>
        {
            using OutlierPool pool = new(2, options => options.MaxEjectionTimeJitter = new OutlierDetectionOptions().MaxEjectionTimeJitter, new Random(seed));
            pool.Eject(0);
            return MeasureEjection(pool);
        })];

        seconds.ShouldAllBe(time => time >= 30 && time < 33);

        // Uniform over 3 s: σ of the mean of 200 is 3 / √(12 · 200) = 0.061.
        seconds.Average().ShouldBe(31.5, 4 * 0.061);
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(1, 3)]
    [InlineData(2, 2)]
    [InlineData(3, 1)]
    [InlineData(9, 1)]
    public void Eject_AfterQuietIntervals_HasOneTimeLessForEach(int quiet, int times)
    {
        using OutlierPool pool = new(4);
        for (int i = 0; i < 3; i++)
        {
            pool.Eject(0);
            MeasureEjection(pool);
        }

        // The returns were at the ends of intervals.
        pool.Advance(10 * quiet);
        pool.Eject(0);

        pool.Verdict(0).Times.ShouldBe(times);
        MeasureEjection(pool).ShouldBe(30 * times);
    }

    [Theory]
    [InlineData(14.9, 2)]
    [InlineData(15, 1)]
    public void Eject_IntervalInWhichItReturned_IsNotAQuietOne(double secondsAfterReturn, int times)
    {
        using OutlierPool pool = new(4);
        pool.Advance(5);
        pool.Eject(0);
        pool.Advance(30);
        pool.Ejected.ShouldBeEmpty();

        pool.Advance(secondsAfterReturn);
        pool.Eject(0);

        pool.Verdict(0).Times.ShouldBe(times);
    }

    [Fact]
    public void Return_TheRow_BeginsAnew()
    {
        using OutlierPool pool = new(4);
        pool.Eject(0);
        pool.Advance(30);

        pool.Try(0, "xxxx");
        pool.Ejected.ShouldBeEmpty();
        pool.Try(0, "x");

        pool.Ejected.ShouldBe("b0");
    }

    [Fact]
    public void Return_FailuresOfAttemptsSentBefore_DoNotEjectAgain()
    {
        using OutlierPool pool = new(4);
        BackendLease[] before = [.. Enumerable.Range(0, 20).Select(_ => pool.Begin(0))];
        pool.Eject(0);
        BackendLease[] during = [.. Enumerable.Range(0, 20).Select(_ => pool.Begin(0))];
        Array.ForEach(before[..10], lease => lease.Complete(Unavailable));
        pool.Advance(30);

        Array.ForEach(before[10..], lease => lease.Complete(Unavailable));
        Array.ForEach(during, lease => lease.Complete(Unavailable));
        pool.Ejected.ShouldBeEmpty();

        pool.Try(0, "xxxx");
        pool.Ejected.ShouldBeEmpty();
        pool.Try(0, "x");
        pool.Ejected.ShouldBe("b0");
    }

    [Fact]
    public void Return_FailuresOfAttemptsSentBefore_DoNotCountInTheInterval()
    {
        using OutlierPool pool = new(6, options =>
        {
            options.ConsecutiveFailures = 5;
            options.FailurePercentage.Enabled = true;
        });
        BackendLease[] before = [.. Enumerable.Range(0, 200).Select(_ => pool.Begin(0))];
        pool.Eject(0);
        pool.Advance(30);

        Array.ForEach(before, lease => lease.Complete(Unavailable));
        for (int other = 0; other < 6; other++)
        {
            pool.Try(other, succeeded: 150, failed: 0);
        }

        pool.Advance(10);

        pool.Ejected.ShouldBeEmpty();
    }

    [Fact]
    public void Return_SuccessOfAnAttemptSentBefore_DoesNotEndTheNewRow()
    {
        using OutlierPool pool = new(4);
        BackendLease before = pool.Begin(0);
        pool.Eject(0);
        pool.Advance(30);
        pool.Try(0, "xxxx");

        before.Complete(Outcome.Succeeded);
        pool.Try(0, "x");

        pool.Ejected.ShouldBe("b0");
    }

    [Fact]
    public void Explain_Ejected_SaysWhyHowOftenAndUntilWhen()
    {
        using OutlierPool pool = new(4);
        for (int i = 0; i < 2; i++)
        {
            pool.Eject(0);
            MeasureEjection(pool);
        }

        pool.Eject(0);
        pool.Advance(12);

        pool.Balancer.Explain(default).Backends[0].Obstacles.ShouldBe(["ejected 12 s ago (5 failures in a row), third time, returns in 78 s"]);
    }

    [Fact]
    public void Dispose_WhileEjected_LeavesNoTimer()
    {
        OutlierPool pool = new(4);
        pool.Eject(0);

        pool.Dispose();

        pool.Clock.ActiveTimers.ShouldBe(0);
    }

    /// <summary>Advances to the return of b0.</summary>
    /// <returns>The seconds that it took.</returns>
    private static double MeasureEjection(OutlierPool pool)
    {
        long began = pool.Clock.GetTimestamp();
        while (OutlierPool.IsEjected(pool[0]))
        {
            pool.Clock.Advance(pool.Clock.UntilNextTimer.ShouldNotBeNull());
        }

        return pool.Clock.GetElapsedTime(began).TotalSeconds;
    }
}
