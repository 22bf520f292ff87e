using LoadBalancing.Client.Load;

namespace LoadBalancing.Client.Tests.Load;

public sealed class SlidingSumTests
{
    [Fact]
    public void Read_InTheWindow_HasAllSamples()
    {
        SlidingSum sum = new(1000);
        sum.Add(3, 100);
        sum.Add(4, 550);

        sum.Read(1000).ShouldBe((7, 2));
    }

    [Fact]
    public void Read_Later_ForgetsATenthAtATime()
    {
        SlidingSum sum = new(1000);
        for (int i = 0; i < 10; i++)
        {
            sum.Add(1, i * 100);
        }

        for (int i = 0; i <= 10; i++)
        {
            sum.Read(999 + (i * 100)).Count.ShouldBe(10 - i);
        }
    }

    [Fact]
    public void Add_AfterALongPause_StartsFromNothing()
    {
        SlidingSum sum = new(1000);
        sum.Add(3, 100);
        sum.Add(4, 100_100);

        sum.Read(100_100).ShouldBe((4, 1));
    }

    [Fact]
    public void Read_TimeBeforeZero_Works()
    {
        SlidingSum sum = new(1000);
        sum.Add(3, -5_000);

        sum.Read(-4_500).ShouldBe((3, 1));
        sum.Read(-3_000).ShouldBe((0, 0));
    }
}
