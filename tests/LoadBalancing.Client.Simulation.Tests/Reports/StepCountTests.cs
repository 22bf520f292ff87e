using LoadBalancing.Client.Simulation.Reports;

namespace LoadBalancing.Client.Simulation.Tests.Reports;

public sealed class StepCountTests
{
    [Fact]
    public void Create_Changes_AddsThemUp() => StepCount.Create([(3, -1), (1, 1), (2, 1), (3, -1), (2, 1)], 10).ShouldBe([(1, 1), (2, 3), (3, 1)]);

    [Fact]
    public void Create_Nothing_HasNoSteps() => StepCount.Create([], 10).ShouldBeEmpty();

    [Fact]
    public void Create_TooDense_KeepsTheMostOfEachWhile()
    {
        // 10,000 short blips of 1 on a floor of 2, and one of 5.
        IEnumerable<(double, int)> blips = Enumerable.Range(1, 9_999).SelectMany(index => new[] { (index * 0.01, index == 5_000 ? 5 : 1), ((index * 0.01) + 0.001, index == 5_000 ? -5 : -1) });

        IReadOnlyList<(double From, int Count)> steps = StepCount.Create([(0, 2), .. blips], 100);

        steps.Count.ShouldBeLessThanOrEqualTo(1002);
        steps.Zip(steps.Skip(1)).ShouldAllBe(pair => pair.First.From < pair.Second.From);
        steps.Max(step => step.Count).ShouldBe(7);
        steps[^1].Count.ShouldBe(2);
        steps.Count(step => step.Count == 3).ShouldBeGreaterThan(400);
    }

    [Fact]
    public void Create_TooDense_KeepsWhatLastsIntoAWhile()
    {
        IEnumerable<(double, int)> blips = Enumerable.Range(0, 1_000).SelectMany(index => new[] { (index * 0.01, 1), ((index * 0.01) + 0.001, -1) });

        IReadOnlyList<(double From, int Count)> steps = StepCount.Create([.. blips, (20, 3), (50.1, -3)], 100);

        steps.Skip(steps.Count - 4).Select(step => (Math.Round(step.From, 6), step.Count)).ShouldBe([(20, 3), (20.2, 3), (50, 3), (50.2, 0)]);
    }
}
