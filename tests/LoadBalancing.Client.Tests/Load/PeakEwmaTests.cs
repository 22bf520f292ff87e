using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Load;
using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Load;

public sealed class PeakEwmaTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly PeakEwma _average;

    public PeakEwmaTests() => _average = new PeakEwma(_clock, TimeSpan.FromSeconds(10));

    [Fact]
    public void Observe_Nothing_HasNoSample()
    {
        _average.HasSample.ShouldBeFalse();
        _average.Seconds.ShouldBe(0);
    }

    [Fact]
    public void Observe_HigherSample_ReplacesAtOnce()
    {
        Observe(ObservedPool.Success(20));
        Wait(1);
        Observe(ObservedPool.Success(300));

        ShouldBeMilliseconds(300);
    }

    [Fact]
    public void Observe_LowerSamples_DecayDownToThem()
    {
        Observe(ObservedPool.Success(300));
        Wait(10);
        Observe(ObservedPool.Success(20));
        ShouldBeMilliseconds(300 / Math.E);

        Wait(10);
        Observe(ObservedPool.Success(20));
        ShouldBeMilliseconds(300 / Math.E / Math.E);

        Wait(10);
        Observe(ObservedPool.Success(20));
        ShouldBeMilliseconds(20);
    }

    [Fact]
    public void Seconds_Idle_Decay()
    {
        Observe(ObservedPool.Success(300));
        Wait(5);

        ShouldBeMilliseconds(300 * Math.Exp(-0.5));
    }

    [Fact]
    public void Observe_NoLatency_IsTheTimeFromThePick()
    {
        long started = _clock.GetTimestamp();
        Wait(0.25);
        Observe(Outcome.Succeeded, started: started);

        ShouldBeMilliseconds(250);
    }

    [Fact]
    public void Observe_StrayFailure_RaisesByTheTimeSinceTheLastSample()
    {
        Observe(ObservedPool.Success(50));
        Wait(0.01);
        Observe(ObservedPool.Failure(1));

        double decayed = 50 * Math.Exp(-0.001);
        ShouldBeMilliseconds(decayed + ((5000 - decayed) * (1 - Math.Exp(-0.001))));
    }

    [Fact]
    public void Observe_StrayFailureAfterAPause_RaisesByHalfAtMost()
    {
        Observe(ObservedPool.Success(50));
        Wait(1);
        Observe(ObservedPool.Failure(1));

        ShouldBeMilliseconds(50 * Math.Exp(-0.1) * 1.5);
    }

    [Fact]
    public void Observe_SlowFailure_CountsItsLatency()
    {
        FailTimes(3, milliseconds: 8000);

        ShouldBeMilliseconds(8000);
    }

    [Fact]
    public void Observe_ThirdFailureInARow_Replaces()
    {
        Observe(ObservedPool.Success(50));
        FailTimes(2);
        _average.Seconds.ShouldBeLessThan(0.1);

        FailTimes(1);
        ShouldBeMilliseconds(5000);
    }

    [Fact]
    public void Observe_SuccessBetweenFailures_BeginsAnew()
    {
        Observe(ObservedPool.Success(50));
        for (int i = 0; i < 10; i++)
        {
            FailTimes(2);
            Observe(ObservedPool.Success(50));
        }

        _average.Seconds.ShouldBeLessThan(0.1);
    }

    [Fact]
    public void Observe_FailuresBeforeAnySample_SayNothingUntilTheThird()
    {
        FailTimes(2);
        _average.HasSample.ShouldBeFalse();

        FailTimes(1);
        ShouldBeMilliseconds(5000);
    }

    [Theory]
    [InlineData(100, 50)]
    [InlineData(20, 100)]
    public void Observe_Cancellation_CountsOnlyAboveTheAverage(double average, double passed)
    {
        Observe(ObservedPool.Success(average));
        Observe(ObservedPool.Cancellation(passed));

        ShouldBeMilliseconds(Math.Max(average, passed));
    }

    [Fact]
    public void Observe_CancellationWithoutASample_IsOne()
    {
        Observe(ObservedPool.Cancellation(700));

        ShouldBeMilliseconds(700);
    }

    [Fact]
    public void Observe_CancellationOfTheBody_SaysNothingAboutTheHeaders()
    {
        Observe(ObservedPool.Success(50), AttemptPhases.Response);
        Observe(ObservedPool.Cancellation(60_000), AttemptPhases.Completion);

        ShouldBeMilliseconds(50);
    }

    [Fact]
    public void Observe_Completion_SaysNothingAboutTheHeaders()
    {
        Observe(ObservedPool.Success(50), AttemptPhases.Response);
        Observe(ObservedPool.Success(60_000), AttemptPhases.Completion);

        ShouldBeMilliseconds(50);
    }

    [Fact]
    public void Observe_LateFailuresInARow_EndAtFiveSeconds()
    {
        Observe(ObservedPool.Success(50), AttemptPhases.Response);
        for (int i = 0; i < 3; i++)
        {
            Observe(ObservedPool.Failure(60_000), AttemptPhases.Completion);
        }

        ShouldBeMilliseconds(5000);
    }

    [Fact]
    public void Observe_DefaultOutcome_SaysNothing()
    {
        Observe(default);

        _average.HasSample.ShouldBeFalse();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public void Observe_NoTimeAtAll_IsANumberAllTheSame(double milliseconds)
    {
        Observe(ObservedPool.Success(milliseconds));

        _average.Seconds.ShouldBeInRange(0, 1e-6);
        _average.HasSample.ShouldBeTrue();
    }

    [Fact]
    public void Observe_ManyThreads_KeepsTheHighest()
    {
        Threads.RunOnAll(thread =>
        {
            for (int i = 1; i <= 10_000; i++)
            {
                Observe(ObservedPool.Success((i * 10) + thread));
            }
        });

        ShouldBeMilliseconds(100_000 + Threads.Count - 1);
    }

    private void FailTimes(int count, double milliseconds = 1)
    {
        for (int i = 0; i < count; i++)
        {
            Observe(ObservedPool.Failure(milliseconds));
        }
    }

    private void Observe(Outcome outcome, AttemptPhases phases = AttemptPhases.Response | AttemptPhases.Completion, long started = 0)
    {
        long now = AttemptReport.NotRead;
        _average.Observe(new AttemptReport(Backend, phases, in outcome, started, ref now, _clock, era: 0));
    }

    private static BackendState Backend { get; } = new(new Backend("http://10.0.0.1"));

    private void Wait(double seconds) => _clock.Advance(TimeSpan.FromSeconds(seconds));

    private void ShouldBeMilliseconds(double expected) => (_average.Seconds * 1000).ShouldBe(expected, expected * 1e-6);
}
