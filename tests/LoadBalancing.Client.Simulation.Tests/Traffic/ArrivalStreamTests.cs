using LoadBalancing.Client.Simulation.Traffic;

namespace LoadBalancing.Client.Simulation.Tests.Traffic;

public sealed class ArrivalStreamTests
{
    [Fact]
    public void Next_Uniform_IsEvenAndBeginsAtZero()
    {
        double[] times = All(new ArrivalPlan(false, [new RateStep(0, 1000)], 60));

        times.Length.ShouldBe(60_000);
        times[0].ShouldBe(0);
        times[^1].ShouldBe(59.999);
    }

    [Fact]
    public void Next_UniformWithSteps_CarriesOverWhatIsLeft()
    {
        // One request every two seconds; from second 3 on four per second: half of the one that is due at 4 is there already.
        double[] times = All(new ArrivalPlan(false, [new RateStep(0, 0.5), new RateStep(3, 4), new RateStep(4, 0)], 10));

        times.ShouldBe([0, 2, 3.125, 3.375, 3.625, 3.875], tolerance: 1e-12);
    }

    [Fact]
    public void Next_Poisson_GapsAreExponential()
    {
        double[] times = All(new ArrivalPlan(true, [new RateStep(0, 1000)], 200));
        double[] gaps = [.. times.Zip(times.Skip(1), (before, after) => after - before)];

        ((double)times.Length).ShouldBe(200_000, 4 * Math.Sqrt(200_000));
        gaps.Min().ShouldBeGreaterThanOrEqualTo(0);
        ((double)gaps.Count(gap => gap > 0.001)).ShouldBe(gaps.Length / Math.E, 4 * Math.Sqrt(gaps.Length * 0.2325));
    }

    [Fact]
    public void Next_PoissonWithSteps_FollowsTheRate()
    {
        double[] times = All(new ArrivalPlan(true, [new RateStep(0, 100), new RateStep(50, 0), new RateStep(100, 1000)], 150));

        ((double)times.Count(time => time < 50)).ShouldBe(5_000, 4 * Math.Sqrt(5_000));
        times.Count(time => time is >= 50 and < 100).ShouldBe(0);
        ((double)times.Count(time => time >= 100)).ShouldBe(50_000, 4 * Math.Sqrt(50_000));
        times.Max().ShouldBeLessThan(150);
    }

    private static double[] All(ArrivalPlan plan)
    {
        ArrivalStream stream = new(plan, new SeededRandom(1, RandomPurpose.Arrivals));
        List<double> times = [];
        while (stream.Next() is { } time)
        {
            times.Add(time);
        }

        return [.. times];
    }
}
