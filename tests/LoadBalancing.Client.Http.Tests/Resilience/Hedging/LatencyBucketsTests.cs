using LoadBalancing.Client.Http.Resilience.Hedging;

namespace LoadBalancing.Client.Http.Tests.Resilience.Hedging;

public sealed class LatencyBucketsTests
{
    [Fact]
    public void EndOf_AnyLatency_IsAboveItBySixtyFourthAtMost()
    {
        Random random = new(1);
        for (int i = 0; i < 100_000; i++)
        {
            long microseconds = (long)Math.Pow(2, random.NextDouble() * 37);

            TimeSpan end = LatencyBuckets.EndOf(LatencyBuckets.IndexOf(TimeSpan.FromMicroseconds(microseconds)));

            end.TotalMicroseconds.ShouldBeInRange(microseconds + 1, microseconds + Math.Max(1, microseconds / 64.0));
        }
    }

    [Fact]
    public void IndexOf_NextBucket_BeginsWhereTheLastOneEnds()
    {
        for (int index = 0; index < LatencyBuckets.Count - 1; index++)
        {
            TimeSpan end = LatencyBuckets.EndOf(index);

            LatencyBuckets.IndexOf(end - TimeSpan.FromTicks(1)).ShouldBe(index);
            LatencyBuckets.IndexOf(end).ShouldBe(index + 1);
        }
    }

    [Fact]
    public void IndexOf_OutOfRange_IsFirstOrLast()
    {
        LatencyBuckets.IndexOf(TimeSpan.FromSeconds(-1)).ShouldBe(0);
        LatencyBuckets.IndexOf(TimeSpan.MaxValue).ShouldBe(LatencyBuckets.Count - 1);
        LatencyBuckets.EndOf(LatencyBuckets.Count - 1).ShouldBeGreaterThan(TimeSpan.FromDays(1));
    }
}
