using FsCheck;
using FsCheck.Fluent;
using LoadBalancing.Client.Simulation.Time;

namespace LoadBalancing.Client.Simulation.Tests.Time;

public sealed class EventQueueTests
{
    [Fact]
    public void Take_AnyTimes_AreInOrderAndThoseOfOneTimeInTheOrderOfAdding() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<byte[]>(),
            times =>
            {
                EventQueue queue = new();
                Silent target = new();
                for (int i = 0; i < times.Length; i++)
                {
                    queue.Add(times[i] % 16, target, tag: i, isWork: true);
                }

                int[] expected = [.. Enumerable.Range(0, times.Length).OrderBy(index => times[index] % 16)];
                return expected.SequenceEqual(Enumerable.Range(0, times.Length).Select(_ => queue.Take().Tag));
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void Take_MixedWithAdd_IsAlwaysTheNext()
    {
        EventQueue queue = new();
        Silent target = new();
        PriorityQueue<int, (double, int)> expected = new();
        Random random = new(1);
        for (int i = 0; i < 20_000; i++)
        {
            if (expected.Count > 0 && random.Next(100) < 45)
            {
                queue.Take().Tag.ShouldBe(expected.Dequeue());
            }
            else
            {
                double time = random.Next(1000);
                queue.Add(time, target, i, isWork: false);
                expected.Enqueue(i, (time, i));
            }
        }
    }

    [Fact]
    public void Work_CountsWhatIsNotAside()
    {
        EventQueue queue = new();
        queue.Add(1, new Silent(), 0, isWork: true);
        queue.Add(2, new Silent(), 0, isWork: false);

        queue.Work.ShouldBe(1);
        queue.Take();
        queue.Work.ShouldBe(0);
    }

    private sealed class Silent : IEvent
    {
        public void Run(int tag)
        {
        }
    }
}
