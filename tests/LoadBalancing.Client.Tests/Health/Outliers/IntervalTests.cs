using FsCheck;
using FsCheck.Fluent;
using LoadBalancing.Client.Health.Outliers;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Health.Outliers;

/// <summary>What the end of an interval decides. Failures in a row are off.</summary>
public sealed class IntervalTests
{
    [Fact]
    public void SuccessRate_FourGoodOnesAndOneOfHalf_IsBelow52()
    {
        using OutlierPool pool = Create(5);

        TryAll(pool, 100, (0, 50));
        pool.Advance(10);

        pool.Ejected.ShouldBe("b0");
        pool.Verdict(0).Cause.ShouldBe("success rate 50 % is below 52 %");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(90)]
    [InlineData(99)]
    public void SuccessRate_OneWorseThanFourPerfectOnes_IsOutWhateverItsRate(int succeeded)
    {
        // One of five is two σ below the mean.
        using OutlierPool pool = Create(5);

        TryAll(pool, 100, (0, succeeded));
        pool.Advance(10);

        pool.Ejected.ShouldBe("b0");
    }

    [Fact]
    public void SuccessRate_ExactlyAtTheThreshold_Stays()
    {
        using OutlierPool pool = Create(5, options => options.SuccessRate.StdevFactor = 2);

        TryAll(pool, 100, (0, 50));
        pool.Advance(10);

        pool.Ejected.ShouldBeEmpty();
    }

    [Fact]
    public void SuccessRate_AllEquallyBad_NobodyIsBelow() =>
        Prop.ForAll(Gen.Choose(1, 300).ToArbitrary(), Gen.Choose(0, 300).ToArbitrary(), Gen.Choose(1, 60).ToArbitrary(), (attempts, failures, count) =>
        {
            long failed = Math.Min(attempts, failures);
            IntervalCount[] counts = [.. Enumerable.Repeat(new IntervalCount(null!, attempts - failed, failed), count)];
            IntervalCount.FindBySuccessRate(counts, new() { RequestVolume = 1, MinimumHosts = 1, StdevFactor = 0 }).ShouldBeEmpty();
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(4, 100)]
    [InlineData(5, 99)]
    public void SuccessRate_TooFewBackendsOrAttempts_NothingIsCompared(int count, int attempts)
    {
        using OutlierPool pool = Create(count);

        TryAll(pool, attempts, (0, 0));
        pool.Advance(10);

        pool.Ejected.ShouldBeEmpty();
    }

    [Fact]
    public void SuccessRate_OneWithTooFewAttempts_IsNeitherJudgedNorPartOfTheMean()
    {
        using OutlierPool pool = Create(6);
        for (int i = 0; i < 5; i++)
        {
            pool.Try(i, succeeded: i == 0 ? 50 : 100, failed: i == 0 ? 50 : 0);
        }

        // With it, the mean would be 75, σ 38 and the threshold 2.6: it would be out, and b0 not.
        pool.Try(5, succeeded: 0, failed: 99);
        pool.Advance(10);

        pool.Ejected.ShouldBe("b0");
        pool.Verdict(0).Cause.ShouldBe("success rate 50 % is below 52 %");
    }

    [Fact]
    public void SuccessRate_TheIntervalBefore_IsForgotten()
    {
        using OutlierPool pool = Create(5);
        for (int i = 0; i < 5; i++)
        {
            pool.Try(i, succeeded: i == 0 ? 0 : 60, failed: i == 0 ? 60 : 0);
        }

        pool.Advance(10);
        for (int i = 0; i < 5; i++)
        {
            pool.Try(i, succeeded: 60, failed: 0);
        }

        pool.Advance(10);
        pool.Ejected.ShouldBeEmpty();

        TryAll(pool, 100, (0, 50));
        pool.Advance(10 - 1e-7);
        pool.Ejected.ShouldBeEmpty();
        pool.Advance(1e-7);
        pool.Ejected.ShouldBe("b0");
    }

    [Fact]
    public void SuccessRate_TheEjected_AreNotPartOfTheMean()
    {
        using OutlierPool pool = Create(6);
        TryAll(pool, 100, (0, 50));
        pool.Advance(10);
        pool.Ejected.ShouldBe("b0");

        // It is used meanwhile, as when nothing better is left. With it, the mean would be 77, σ 36 and the threshold 7.7, and b1 would stay.
        TryAll(pool, 100, (0, 0), (1, 60));
        pool.Advance(10);

        pool.Ejected.ShouldBe("b0 b1");
    }

    [Fact]
    public void SuccessRate_TheCap_LetsTheWorstGo()
    {
        using OutlierPool pool = Create(20, options => options.MaxEjectionPercent = 5);

        TryAll(pool, 100, (3, 55), (7, 20), (11, 50));
        pool.Advance(10);

        pool.Ejected.ShouldBe("b7");
    }

    [Fact]
    public void SuccessRate_TurnedOff_ComparesNothing()
    {
        using OutlierPool pool = Create(5, options => options.SuccessRate.Enabled = false);

        TryAll(pool, 100, (0, 50));
        pool.Advance(10);

        pool.Ejected.ShouldBeEmpty();
    }

    [Fact]
    public void SuccessRate_OverTiers_IsOfThePoolAndTheCapOfTheTier()
    {
        Backend[] backends = [.. Pools.DescribeMany(20).Select((backend, index) => backend with { Priority = index < 2 ? 0 : 1 })];
        using OutlierPool pool = new(backends, options => options.ConsecutiveFailures = 0);

        TryAll(pool, 100, (0, 42), (1, 40));
        pool.Advance(10);

        // Both are below mean 94.1 − 1.9 · 17.7 = 60.5; the first tier may lose one of its two.
        pool.Ejected.ShouldBe("b1");
        pool.Verdict(1).Cause.ShouldBe("success rate 40 % is below 60.46 %");
    }

    [Theory]
    [InlineData(84, false)]
    [InlineData(85, true)]
    [InlineData(100, true)]
    public void FailurePercentage_AtTheThreshold_IsOut(int failed, bool isOut)
    {
        using OutlierPool pool = Create(5, OnlyFailurePercentage);

        TryAll(pool, 100, (0, 100 - failed));
        pool.Advance(10);

        OutlierPool.IsEjected(pool[0]).ShouldBe(isOut);
        if (isOut)
        {
            pool.Verdict(0).Cause.ShouldBe($"{failed} of 100 attempts failed");
        }
    }

    [Theory]
    [InlineData(5, 50, "b0")]
    [InlineData(5, 49, "")]
    [InlineData(4, 50, "")]
    public void FailurePercentage_TooFewBackendsOrAttempts_JudgesNobody(int count, int attempts, string ejected)
    {
        using OutlierPool pool = Create(count, OnlyFailurePercentage);

        TryAll(pool, attempts, (0, 0));
        pool.Advance(10);

        pool.Ejected.ShouldBe(ejected);
    }

    [Fact]
    public void FailurePercentage_AllFail_EjectsUpToTheCap()
    {
        // Success rates find nobody here: all are the same.
        using OutlierPool pool = Create(6, options => options.FailurePercentage.Enabled = true);

        TryAll(pool, 100, [.. Enumerable.Range(0, 6).Select(index => (index, 0))]);
        pool.Advance(10);

        pool.Ejected.ShouldBe("b0 b1 b2");
    }

    [Fact]
    public void FailurePercentage_ByDefault_IsOff()
    {
        using OutlierPool pool = Create(5, options => options.SuccessRate.Enabled = false);

        TryAll(pool, 100, (0, 0));
        pool.Advance(10);

        pool.Ejected.ShouldBeEmpty();
    }

    [Fact]
    public void Advance_AnOtherInterval_IsKept()
    {
        using OutlierPool pool = Create(5, options => options.Interval = TimeSpan.FromSeconds(2.5));

        TryAll(pool, 100, (0, 50));
        pool.Advance(2.4);
        pool.Ejected.ShouldBeEmpty();
        pool.Advance(0.1);

        pool.Ejected.ShouldBe("b0");
    }

    private static OutlierPool Create(int count, Action<OutlierDetectionOptions>? configure = null) => new(count, options =>
    {
        options.ConsecutiveFailures = 0;
        configure?.Invoke(options);
    });

    private static void OnlyFailurePercentage(OutlierDetectionOptions options)
    {
        options.SuccessRate.Enabled = false;
        options.FailurePercentage.Enabled = true;
    }

    /// <summary>So many attempts on each backend; all succeed, but for those of which it is said how many do.</summary>
    private static void TryAll(OutlierPool pool, int attempts, params (int Index, int Succeeded)[] exceptions)
    {
        for (int i = 0; i < pool.Balancer.Backends.Count; i++)
        {
            int succeeded = exceptions.Where(exception => exception.Index == i).Select(exception => (int?)exception.Succeeded).SingleOrDefault() ?? attempts;
            pool.Try(i, succeeded, attempts - succeeded);
        }
    }
}
