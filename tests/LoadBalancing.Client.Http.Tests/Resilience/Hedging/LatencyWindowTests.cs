using LoadBalancing.Client.Http.Resilience.Hedging;
using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Http.Tests.Resilience.Hedging;

public sealed class LatencyWindowTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly LatencyWindow _window;

    public LatencyWindowTests() => _window = new LatencyWindow(_clock);

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.95)]
    [InlineData(0.999)]
    public void FindPercentile_ExponentialLatencies_IsExactToOneSixtyFourth(double percentile)
    {
        Random random = new(7);
        double[] milliseconds = [.. Enumerable.Range(0, 20_000).Select(_ => -20 * Math.Log(1 - random.NextDouble()))];
        foreach (double latency in milliseconds)
        {
            Record(latency);
        }

        Array.Sort(milliseconds);
        double exact = milliseconds[(int)Math.Ceiling(percentile * milliseconds.Length) - 1];
        Find(percentile)!.Value.TotalMilliseconds.ShouldBeInRange(exact, exact * 65 / 64);
    }

    [Fact]
    public void FindPercentile_OneSampleLessThanItTakes_IsNone()
    {
        for (int i = 0; i < 99; i++)
        {
            Record(10);
        }

        Find(0.95, minSamples: 100).ShouldBeNull();

        Record(10);
        _clock.Advance(TimeSpan.FromMilliseconds(250));
        Find(0.95, minSamples: 100).ShouldNotBeNull().TotalMilliseconds.ShouldBeInRange(10, 10.2);
    }

    [Fact]
    public void FindPercentile_NoSample_IsNone() => Find(0.95, minSamples: 1).ShouldBeNull();

    [Fact]
    public void FindPercentile_AskedOften_IsComputedFourTimesASecond()
    {
        Record(10);
        Find(1).ShouldNotBeNull().TotalMilliseconds.ShouldBeInRange(10, 10.2);
        Record(500);

        _clock.Advance(TimeSpan.FromMilliseconds(249));
        Find(1).ShouldNotBeNull().TotalMilliseconds.ShouldBeInRange(10, 10.2);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Find(1).ShouldNotBeNull().TotalMilliseconds.ShouldBeInRange(500, 508);
    }

    [Fact]
    public void FindPercentile_SamplesOfAnyAgeUpTo20Seconds_Count()
    {
        for (int second = 0; second < 40; second++)
        {
            Record(10 * (second + 1));
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        // The clock stands at the beginning of a slice: the two before it are there, with seconds 20 to 39.
        Find(1e-9).ShouldNotBeNull().TotalMilliseconds.ShouldBeInRange(210, 214);
        _clock.Advance(TimeSpan.FromMilliseconds(250));
        Find(1).ShouldNotBeNull().TotalMilliseconds.ShouldBeInRange(400, 407);
    }

    [Fact]
    public void FindPercentile_After30IdleSeconds_IsNone()
    {
        Record(10);
        _clock.Advance(TimeSpan.FromSeconds(29.9));
        Find(0.95, minSamples: 1).ShouldNotBeNull();

        _clock.Advance(TimeSpan.FromSeconds(0.25));

        Find(0.95, minSamples: 1).ShouldBeNull();
    }

    [Fact]
    public void Record_AfterALongTime_ForgetsWhatWasThere()
    {
        for (int i = 0; i < 1000; i++)
        {
            Record(1000);
        }

        _clock.Advance(TimeSpan.FromHours(1));
        Record(10);

        Find(1).ShouldNotBeNull().TotalMilliseconds.ShouldBeInRange(10, 10.2);
    }

    [Fact]
    public void Record_ManyThreadsInOneSlice_LosesNothing()
    {
        const int PerThread = 50_000;
        Record(10);

        Parallel.For(0, 4, _ =>
        {
            for (int i = 0; i < PerThread; i++)
            {
                Record(10);
            }
        });

        Find(0.5, minSamples: (4 * PerThread) + 2).ShouldBeNull();
        _clock.Advance(TimeSpan.FromMilliseconds(250));
        Find(0.5, minSamples: (4 * PerThread) + 1).ShouldNotBeNull();
    }

    [Fact]
    public async Task Record_WhileSlicesChange_StaysWithinWhatWasRecorded()
    {
        using CancellationTokenSource stopping = new();
        Task[] recorders = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            while (!stopping.IsCancellationRequested)
            {
                Record(10);
            }
        }))];

        for (int i = 0; i < 2_000; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(3));
            if (Find(1) is { } percentile)
            {
                percentile.TotalMilliseconds.ShouldBeInRange(10, 10.2);
            }
        }

        await stopping.CancelAsync();
        await Task.WhenAll(recorders);
    }

    [Fact]
    public void RecordAndFindPercentile_AllocateNothing()
    {
        Run(100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(10_000);

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);

        void Run(int rounds)
        {
            for (int i = 0; i < rounds; i++)
            {
                long now = _clock.GetTimestamp() + (i * TimeSpan.TicksPerMillisecond * 100);
                _window.Record(TimeSpan.FromMilliseconds(i), now);
                _window.FindPercentile(0.95, 10, now);
            }
        }
    }

    private void Record(double milliseconds) => _window.Record(TimeSpan.FromMilliseconds(milliseconds), _clock.GetTimestamp());

    private TimeSpan? Find(double percentile, int minSamples = 1) => _window.FindPercentile(percentile, minSamples, _clock.GetTimestamp());
}
