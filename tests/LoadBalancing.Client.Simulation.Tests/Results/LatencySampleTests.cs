using LoadBalancing.Client.Simulation.Results;

namespace LoadBalancing.Client.Simulation.Tests.Results;

public sealed class LatencySampleTests
{
    [Theory]
    [InlineData(0.5, 500)]
    [InlineData(0.9, 900)]
    [InlineData(0.99, 990)]
    [InlineData(0.999, 999)]
    [InlineData(1, 1000)]
    public void PercentileMs_OneToAThousand_IsTheNearestRank(double share, double expected)
    {
        LatencySample sample = new();
        foreach (int milliseconds in Enumerable.Range(1, 1000).Reverse())
        {
            sample.Add(milliseconds / 1000.0);
        }

        sample.PercentileMs(share).ShouldBe(expected);
        sample.MeanMs.ShouldBe(500.5, 1e-9);
        sample.MaxMs.ShouldBe(1000);
    }

    [Fact]
    public void PercentileMs_FewOrNone_IsOneOfThem()
    {
        LatencySample sample = new();
        (sample.MeanMs, sample.PercentileMs(0.5), sample.MaxMs).ShouldBe((0, 0, 0));

        sample.Add(0.003);
        sample.PercentileMs(0.999).ShouldBe(3);
        sample.Add(0.001);
        (sample.PercentileMs(0.5), sample.PercentileMs(0.51), sample.MeanMs).ShouldBe((1, 3, 2));
    }
}
