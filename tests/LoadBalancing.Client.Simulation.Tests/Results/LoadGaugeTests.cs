using LoadBalancing.Client.Simulation.Results;

namespace LoadBalancing.Client.Simulation.Tests.Results;

public sealed class LoadGaugeTests
{
    /// <summary>12 s in intervals of 0.1 s, of which the first 2 s do not count.</summary>
    private readonly LoadGauge _gauge = new(new IntervalGrid(12, 2));

    [Fact]
    public void Mean_ChangesBeforeAndAfterTheWarmUp_CountsOnlyTheRest()
    {
        _gauge.Set(0, 7);
        _gauge.Set(4, 2);
        _gauge.Set(9, 0);
        _gauge.Close();

        _gauge.Mean.ShouldBe(((7 * 2) + (2 * 5)) / 10.0, 1e-9);
        _gauge.Max.ShouldBe(7);
        _gauge.MeanOf(0).ShouldBe(7, 1e-9);
        _gauge.MeanOf(50).ShouldBe(2, 1e-9);
        _gauge.MeanOf(119).ShouldBe(0);
    }

    [Fact]
    public void MeanOf_ChangeWithinAnInterval_IsWeightedByTime()
    {
        _gauge.Set(3.025, 4);
        _gauge.Set(3.25, 8);
        _gauge.Close();

        _gauge.MeanOf(30).ShouldBe(3, 1e-9);
        _gauge.MeanOf(31).ShouldBe(4, 1e-9);
        _gauge.MeanOf(32).ShouldBe(6, 1e-9);
        _gauge.MeanOf(119).ShouldBe(8, 1e-9);
    }

    [Fact]
    public void Max_OnlyBeforeOrAfterWhatCounts_IsNone()
    {
        _gauge.Set(0, 5);
        _gauge.Set(1, 0);
        _gauge.Set(12.5, 9);
        _gauge.Set(13, 0);
        _gauge.Close();

        _gauge.Max.ShouldBe(0);
        _gauge.Mean.ShouldBe(0);
    }

    [Fact]
    public void Set_UpAndDownAtOnce_IsSeenByTheMaximumOnly()
    {
        _gauge.Set(5, 3);
        _gauge.Set(5, 0);
        _gauge.Close();

        _gauge.Max.ShouldBe(3);
        _gauge.Mean.ShouldBe(0);
    }

    [Theory]
    [InlineData(1, 0.01, 100)]
    [InlineData(12, 0.1, 120)]
    [InlineData(60, 0.5, 120)]
    [InlineData(61, 1, 61)]
    [InlineData(100, 1, 100)]
    [InlineData(86_400, 1200, 72)]
    [InlineData(0.005, 0.01, 1)]
    public void IntervalGrid_AnyDuration_HasRoundIntervals(double duration, double length, int count)
    {
        IntervalGrid grid = new(duration, 0);

        (grid.Length, grid.Count).ShouldBe((length, count));
        Enumerable.Range(0, count).Sum(grid.LengthOf).ShouldBe(duration, 1e-9);
        grid.IndexOf(Math.BitDecrement(duration)).ShouldBe(count - 1);
    }
}
