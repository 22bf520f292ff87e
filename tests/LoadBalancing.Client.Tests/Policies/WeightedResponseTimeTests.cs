using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Policies;

public sealed class WeightedResponseTimeTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Pick_NothingKnown_FollowsTheWeights()
    {
        ObservedPool pool = new(new WeightedResponseTimePolicy(), 1, 2, 3);

        pool.Picker.CountPicks(pool.Set, 12_000).ShouldFollow(1, 2, 3);
    }

    [Fact]
    public void Pick_UnequalSpeeds_FollowsWeightOverAverage()
    {
        ObservedPool pool = new(new WeightedResponseTimePolicy(), 1, 1, 2);
        pool.Report(ObservedPool.Success(10), 0, 0);
        pool.Report(ObservedPool.Success(30), 0, 1);
        pool.Report(ObservedPool.Success(50), 1, 2);
        pool.Clock.Advance(Second);
        pool.Report(2, ObservedPool.Success(50));

        pool.Picker.CountPicks(pool.Set, 20_000).ShouldFollow(3 / 50.0, 1 / 40.0, 2 / 50.0);
    }

    [Fact]
    public void Pick_WithoutASample_CountsAsTheMean()
    {
        ObservedPool pool = ObservedPool.OfEqual(new WeightedResponseTimePolicy(), 3);
        pool.Report(0, ObservedPool.Success(10));
        pool.Clock.Advance(Second);
        pool.Report(1, ObservedPool.Success(30));

        pool.Picker.CountPicks(pool.Set, 20_000).ShouldFollow(1 / 10.0, 1 / 30.0, 1 / 20.0);
    }

    [Fact]
    public void Observe_BeforeTheSecondIsOver_ChangesNothing()
    {
        ObservedPool pool = ObservedPool.OfEqual(new WeightedResponseTimePolicy(), 2);
        pool.Report(0, ObservedPool.Success(10));
        pool.Clock.Advance(Second - TimeSpan.FromTicks(1));
        pool.Report(1, ObservedPool.Success(1000));
        pool.Picker.CountPicks(pool.Set, 10_000).ShouldFollow(1, 1);

        pool.Clock.Advance(TimeSpan.FromTicks(1));
        pool.Report(1, ObservedPool.Success(1000));
        pool.Picker.CountPicks(pool.Set, 10_000).ShouldFollow(100, 1);
    }

    [Fact]
    public void Pick_AfterTheWindow_HasForgotten()
    {
        ObservedPool pool = ObservedPool.OfEqual(new WeightedResponseTimePolicy { Window = TimeSpan.FromSeconds(5) }, 2);
        pool.Report(0, ObservedPool.Success(10));
        pool.Report(1, ObservedPool.Success(1000));
        pool.Clock.Advance(TimeSpan.FromSeconds(6));
        pool.Report(0, ObservedPool.Success(10));

        pool.Picker.CountPicks(pool.Set, 10_000).ShouldFollow(1, 1);
    }

    [Fact]
    public void Observe_OneFailure_DoublesTheAverageAtMost()
    {
        ObservedPool pool = ObservedPool.OfEqual(new WeightedResponseTimePolicy(), 2);
        pool.Report(ObservedPool.Success(50), 0, 1);
        pool.Clock.Advance(Second);
        pool.Report(0, ObservedPool.Failure(1));

        pool.Picker.CountPicks(pool.Set, 10_000).ShouldFollow(1, 2);
    }

    [Fact]
    public void Observe_ThreeFailuresInARow_MeanFiveSeconds()
    {
        ObservedPool pool = ObservedPool.OfEqual(new WeightedResponseTimePolicy(), 2);
        pool.Report(ObservedPool.Success(50), 0, 1);
        pool.Clock.Advance(Second);
        pool.Report(ObservedPool.Failure(1), 0, 0);
        pool.Clock.Advance(Second);
        pool.Report(0, ObservedPool.Failure(1));

        pool.Picker.CountPicks(pool.Set, 100_000).ShouldFollow(1, 100);
    }

    [Fact]
    public void Observe_Cancellation_CountsOnlyAboveTheAverage()
    {
        ObservedPool pool = ObservedPool.OfEqual(new WeightedResponseTimePolicy(), 2);
        pool.Report(ObservedPool.Success(50), 0, 1);
        pool.Report(0, ObservedPool.Cancellation(1));
        pool.Report(1, ObservedPool.Cancellation(150));
        pool.Clock.Advance(Second);
        pool.Report(0, ObservedPool.Success(50));

        pool.Picker.CountPicks(pool.Set, 10_000).ShouldFollow(2, 1);
    }

    [Fact]
    public void CreatePicker_Again_KnowsWhatWasMeasured()
    {
        ObservedPool pool = ObservedPool.OfEqual(new WeightedResponseTimePolicy(), 2);
        pool.Report(0, ObservedPool.Success(10));
        pool.Report(1, ObservedPool.Success(30));
        pool.Rebuild();

        pool.Picker.CountPicks(pool.Set, 10_000).ShouldFollow(3, 1);
    }

    [Fact]
    public void Pick_AfterARebuild_IsRefreshedToo()
    {
        ObservedPool pool = ObservedPool.OfEqual(new WeightedResponseTimePolicy(), 2);
        pool.Rebuild();
        pool.Report(0, ObservedPool.Success(10));
        pool.Clock.Advance(Second);
        pool.Report(1, ObservedPool.Success(30));

        pool.Picker.CountPicks(pool.Set, 10_000).ShouldFollow(3, 1);
    }

    [Fact]
    public void Describe_EachBackend_SaysItsAverage()
    {
        ObservedPool pool = ObservedPool.OfEqual(new WeightedResponseTimePolicy(), 2);
        pool.Report(0, ObservedPool.Success(10));

        pool.Set.Select(backend => pool.Picker.Describe(default, backend)).ShouldBe(["average 10 ms", "no sample, counts as the mean"]);
    }
}
