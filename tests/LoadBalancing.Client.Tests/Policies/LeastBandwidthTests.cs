using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Policies;

public sealed class LeastBandwidthTests
{
    [Fact]
    public void Pick_OneSendsLess_PrefersIt()
    {
        ObservedPool pool = ObservedPool.OfEqual(new LeastBandwidthPolicy(), 2);
        pool.Report(ObservedPool.OfBytes(1000), 0, 1);
        pool.Report(0, ObservedPool.OfBytes(1000));

        pool.Preferred().ShouldBe(1);
    }

    [Fact]
    public void Pick_SentLongAgo_CountsLess()
    {
        ObservedPool pool = ObservedPool.OfEqual(new LeastBandwidthPolicy(), 2);
        pool.Report(0, ObservedPool.OfBytes(2000));
        pool.Clock.Advance(TimeSpan.FromSeconds(6));
        pool.Report(1, ObservedPool.OfBytes(1000));
        pool.Preferred().ShouldBe(1);

        pool.Clock.Advance(TimeSpan.FromSeconds(2));
        pool.Report(1, ObservedPool.OfBytes(200));
        pool.Preferred().ShouldBe(0);
    }

    [Fact]
    public void Pick_SentOnceVeryLongAgo_IsAsGoodAsAnyOther()
    {
        ObservedPool pool = ObservedPool.OfEqual(new LeastBandwidthPolicy(), 2);
        pool.Report(0, ObservedPool.OfBytes(5000));
        pool.Clock.Advance(TimeSpan.FromSeconds(80));
        pool.Report(1, Outcome.Succeeded);
        pool.Set[1].Occupy(1);
        pool.Preferred().ShouldBe(1);

        // 5000 is less than e^9.
        pool.Clock.Advance(TimeSpan.FromSeconds(10));
        pool.Report(1, Outcome.Succeeded);
        pool.Preferred().ShouldBe(0);
    }

    [Fact]
    public void Pick_EqualRates_TakesTheOneWithLessInFlight()
    {
        ObservedPool pool = ObservedPool.OfEqual(new LeastBandwidthPolicy(), 2);
        pool.Set[0].Occupy(3);
        pool.Set[1].Occupy(2);
        pool.Preferred().ShouldBe(1);

        pool.Report(ObservedPool.OfBytes(1000), 0, 1);
        pool.Preferred().ShouldBe(1);
        pool.Set[1].Occupy(2);
        pool.Preferred().ShouldBe(0);
    }

    [Fact]
    public void Pick_UnequalWeights_DividesTheRateByWeight()
    {
        ObservedPool pool = new(new LeastBandwidthPolicy(), 1, 3);
        pool.Report(0, ObservedPool.OfBytes(1000));
        pool.Report(1, ObservedPool.OfBytes(2900));
        pool.Preferred().ShouldBe(1);

        pool.Report(1, ObservedPool.OfBytes(200));
        pool.Preferred().ShouldBe(0);
    }

    [Fact]
    public void Pick_FailingAndSilent_CountsAsTheMeanAndItsAttempt()
    {
        ObservedPool pool = ObservedPool.OfEqual(new LeastBandwidthPolicy { ChoiceCount = 3 }, 3);
        pool.Report(0, ObservedPool.OfBytes(1000));
        pool.Report(1, ObservedPool.OfBytes(3500));
        pool.Clock.Advance(TimeSpan.FromSeconds(0.1));
        pool.Report(0, ObservedPool.OfBytes(1));
        pool.Report(2, Outcome.Failed);

        // The mean is 1500, and so is an attempt: together more than the first has sent, and less than the second.
        pool.Preferred().ShouldBe(0);
        pool.Picker.CountPicks(pool.Set, 100, Pools.Without(pool.Set[0])).ShouldBe([0, 0, 100]);
    }

    [Fact]
    public void Pick_FailsAgainAndAgain_EachFailureCounts()
    {
        ObservedPool pool = ObservedPool.OfEqual(new LeastBandwidthPolicy { ChoiceCount = 3 }, 3);
        pool.Report(ObservedPool.OfBytes(1000), 0, 1);
        pool.Clock.Advance(TimeSpan.FromSeconds(0.1));
        pool.Report(ObservedPool.OfBytes(1000), 0, 1);
        pool.Report(ObservedPool.OfBytes(1000), 0, 1);
        pool.Report(2, Outcome.Failed);
        pool.Preferred().ShouldBe(2);

        // No time passes, so nothing is computed again.
        pool.Report(Outcome.Failed, 2, 2);
        pool.Picker.CountPicks(pool.Set, 50)[2].ShouldBe(0);
    }

    [Fact]
    public void Pick_SucceedsAfterAFailure_StillCountsTheFailure()
    {
        ObservedPool pool = ObservedPool.OfEqual(new LeastBandwidthPolicy(), 2);
        pool.Report(0, ObservedPool.OfBytes(1000));
        pool.Report(1, Outcome.Failed);
        pool.Report(1, ObservedPool.OfBytes(1));

        pool.Preferred().ShouldBe(0);
    }

    [Fact]
    public void Observe_Response_CountsNoBytesYet()
    {
        ObservedPool pool = ObservedPool.OfEqual(new LeastBandwidthPolicy(), 2);
        pool.Report(0, ObservedPool.OfBytes(1000), AttemptPhases.Response);
        pool.Set[1].Occupy(1);
        pool.Preferred().ShouldBe(0);

        pool.Report(0, ObservedPool.OfBytes(1000), AttemptPhases.Completion);
        pool.Preferred().ShouldBe(1);
    }

    [Fact]
    public void Describe_EachBackend_SaysItsRate()
    {
        ObservedPool pool = ObservedPool.OfEqual(new LeastBandwidthPolicy(), 2);
        pool.Report(0, ObservedPool.OfBytes(5000));
        pool.Report(1, Outcome.Failed);

        pool.Set.Select(backend => pool.Picker.Describe(default, backend)).ShouldBe(
        [
            "500 bytes per second, 0 in flight",
            "750 bytes per second, 0 in flight",
        ]);
    }
}
