using LoadBalancing.Client.Simulation.Time;

namespace LoadBalancing.Client.Simulation.Tests.Time;

public sealed class VirtualClockTests
{
    private readonly VirtualClock _clock = new();
    private readonly List<double> _fired = [];

    [Fact]
    public void CreateTimer_DueTimeAndPeriod_FiresThen()
    {
        using ITimer timer = CreateTimer(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));

        RunUntil(6);

        _fired.ShouldBe([1, 3, 5]);
    }

    [Fact]
    public void Change_BeforeItFires_ReplacesTheTime()
    {
        using ITimer timer = CreateTimer(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);

        timer.Change(TimeSpan.FromSeconds(3), Timeout.InfiniteTimeSpan).ShouldBeTrue();
        RunUntil(6);

        _fired.ShouldBe([3]);
    }

    [Fact]
    public async Task Dispose_BeforeItFires_NeverFires()
    {
        ITimer timer = CreateTimer(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));

        await timer.DisposeAsync();
        RunUntil(6);

        _fired.ShouldBeEmpty();
        timer.Change(TimeSpan.Zero, TimeSpan.Zero).ShouldBeFalse();
    }

    /// <summary>A timer that fires before the timestamp that it was set for is set again, for no time: it must not be.</summary>
    [Fact]
    public void CreateTimer_SetForATimestampAtAnyTime_IsNeverEarly()
    {
        Random random = new(1);
        for (int i = 0; i < 10_000; i++)
        {
            Pass(random.NextDouble());
            long due = _clock.GetTimestamp() + random.Next(1, 50_000_000);
            long at = 0;
            using ITimer timer = _clock.CreateTimer(_ => at = _clock.GetTimestamp(), null, _clock.GetElapsedTime(_clock.GetTimestamp(), due), Timeout.InfiniteTimeSpan);

            while (at == 0)
            {
                _clock.RunNext();
            }

            at.ShouldBe(due);
        }
    }

    [Fact]
    public void GetUtcNow_TimePasses_GoesOn()
    {
        DateTimeOffset start = _clock.GetUtcNow();

        Pass(1.5);

        (_clock.GetUtcNow() - start).ShouldBe(TimeSpan.FromSeconds(1.5));
        _clock.Now.ShouldBe(1.5);
    }

    private ITimer CreateTimer(TimeSpan dueTime, TimeSpan period) => _clock.CreateTimer(_ => _fired.Add(_clock.Now), null, dueTime, period);

    private void Pass(double seconds) => RunUntil(_clock.Now + seconds);

    private void RunUntil(double time)
    {
        Mark mark = new();
        _clock.Schedule(time, mark);
        while (!mark.IsReached)
        {
            _clock.RunNext();
        }
    }

    private sealed class Mark : IEvent
    {
        public bool IsReached { get; private set; }

        public void Run(int tag) => IsReached = true;
    }
}
