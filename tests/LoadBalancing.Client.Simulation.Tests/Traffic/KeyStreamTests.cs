using LoadBalancing.Client.Simulation.Traffic;

namespace LoadBalancing.Client.Simulation.Tests.Traffic;

public sealed class KeyStreamTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Next_ManyTimes_FollowsZipf(double skew)
    {
        const int draws = 100_000;
        KeyStream keys = new(new KeyPlan(10, skew), new SeededRandom(1, RandomPurpose.Keys));
        double sum = Enumerable.Range(1, 10).Sum(rank => Math.Pow(rank, -skew));

        int[] counts = [.. Enumerable.Range(0, draws).Select(_ => keys.Next()).GroupBy(key => key).Select(group => group.Count()).OrderDescending()];

        counts.Length.ShouldBe(10);
        double first = draws / sum;
        ((double)counts[0]).ShouldBe(first, (4 * Math.Sqrt(first)) + (skew == 0 ? 400 : 0));
        ((double)counts[9]).ShouldBe(draws * Math.Pow(10, -skew) / sum, (4 * Math.Sqrt(first)) + (skew == 0 ? 400 : 0));
    }
}
