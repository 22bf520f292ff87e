using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Load;
using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Load;

public sealed class BandwidthTests
{
    private const AttemptPhases Both = AttemptPhases.Response | AttemptPhases.Completion;

    private readonly FakeTimeProvider _clock = new();
    private readonly PeriodicRefresh _refresh;

    public BandwidthTests() => _refresh = new PeriodicRefresh(_clock, TimeSpan.FromSeconds(0.1));

    [Fact]
    public void Observe_Bytes_AddUpAndAreForgotten()
    {
        Bandwidth bandwidth = Create();
        Observe(bandwidth, ObservedPool.OfBytes(1000));
        Observe(bandwidth, ObservedPool.OfBytes(500));
        ShouldHaveSent(bandwidth, 1500);

        _clock.Advance(TimeSpan.FromSeconds(10));
        ShouldHaveSent(bandwidth, 1500 / Math.E);
    }

    [Fact]
    public void Observe_Failure_CountsAsAnOrdinaryAttempt()
    {
        (_, Bandwidth failing) = CreatePool(sent: 10_000);

        Observe(failing, Outcome.Failed);
        Observe(failing, Outcome.ConnectFailed);

        ShouldHaveSent(failing, 12_000);
    }

    [Fact]
    public void Observe_ErrorPage_CountsBesideItsFailure()
    {
        (_, Bandwidth failing) = CreatePool(sent: 10_000);

        Observe(failing, Outcome.Failed, AttemptPhases.Response);
        ShouldHaveSent(failing, 11_000);
        Observe(failing, ObservedPool.OfBytes(200), AttemptPhases.Completion);

        ShouldHaveSent(failing, 11_200);
    }

    [Theory]
    [InlineData(0, 1000)]
    [InlineData(300, 1000)]
    [InlineData(7000, 7000)]
    public void Observe_LateFailure_CountsAsAnOrdinaryAttemptAtLeast(long bytes, double counted)
    {
        (_, Bandwidth failing) = CreatePool(sent: 10_000);

        Observe(failing, Outcome.Succeeded, AttemptPhases.Response);
        Observe(failing, Outcome.Failed with { Bytes = bytes }, AttemptPhases.Completion);

        ShouldHaveSent(failing, 10_000 + counted);
    }

    [Theory]
    [InlineData(Both, 0, 1000)]
    [InlineData(AttemptPhases.Completion, 300, 300)]
    [InlineData(AttemptPhases.Completion, 0, 0)]
    public void Observe_Cancellation_CountsAsAnAttemptOnlyBeforeTheAnswer(AttemptPhases phases, long bytes, double counted)
    {
        (_, Bandwidth canceled) = CreatePool(sent: 10_000);

        Observe(canceled, Outcome.Canceled with { Bytes = bytes }, phases);

        ShouldHaveSent(canceled, 10_000 + counted);
    }

    [Fact]
    public void Observe_FailureOfOneThatSendsLess_LiftsItToTheMeanFirst()
    {
        (_, Bandwidth failing) = CreatePool(sent: 0);

        // Three of four have sent 10,000.
        Observe(failing, Outcome.Failed);

        ShouldHaveSent(failing, 7_500 + 1000);
    }

    [Fact]
    public void Observe_FailureAtAnotherWeight_LiftsItToTheMeanPerWeight()
    {
        Bandwidth light = Create();
        Bandwidth heavy = Create();
        PoolBandwidth pool = new([light, heavy], [Math.Log(2), Math.Log(1.0 / 2)], _clock.GetTimestamp());
        Send(light, 1000, 10);
        pool.Refresh(_clock.GetTimestamp());

        // Per weight the light one has sent 20,000 and the heavy one nothing. The mean is 10,000, for the heavy one 20,000.
        Observe(heavy, Outcome.Failed);

        ShouldHaveSent(heavy, 20_000 + 1000);
    }

    [Fact]
    public void Observe_ManyErrorPages_DoNotMakeTheOrdinaryAttemptSmall()
    {
        (PoolBandwidth pool, Bandwidth failing) = CreatePool(sent: 10_000);
        for (int i = 0; i < 100; i++)
        {
            Observe(failing, Outcome.Failed, AttemptPhases.Response);
            Observe(failing, ObservedPool.OfBytes(1), AttemptPhases.Completion);
        }

        pool.Refresh(_clock.GetTimestamp());

        failing.Means.ShouldNotBeNull().AttemptBytes.ShouldBe((40_000 + 100) / 40.0, 1e-6);
    }

    [Fact]
    public void Observe_SizesChange_TheOrdinaryAttemptFollows()
    {
        (PoolBandwidth pool, Bandwidth bandwidth) = CreatePool(sent: 10_000);
        for (int i = 0; i < 50; i++)
        {
            Send(bandwidth, 50, 100);
            pool.Refresh(_clock.GetTimestamp());
        }

        bandwidth.Means.ShouldNotBeNull().AttemptBytes.ShouldBe(50, 10);
    }

    [Fact]
    public void Observe_FailureWhileNothingWasSent_SaysNothing()
    {
        Bandwidth bandwidth = Create();
        PoolBandwidth pool = new([bandwidth], null, _clock.GetTimestamp());

        Observe(bandwidth, Outcome.Failed);
        pool.Refresh(_clock.GetTimestamp());
        Observe(bandwidth, Outcome.Failed);

        double.IsNegativeInfinity(bandwidth.Level).ShouldBeTrue();
    }

    [Fact]
    public void Join_AnotherPool_KnowsWhatIsOrdinary()
    {
        (_, Bandwidth failing) = CreatePool(sent: 10_000);
        _ = new PoolBandwidth([failing, Create()], null, _clock.GetTimestamp());

        Observe(failing, Outcome.Failed);

        ShouldHaveSent(failing, 11_000);
    }

    [Fact]
    public void Observe_ManyThreads_LosesNothing()
    {
        (PoolBandwidth pool, Bandwidth bandwidth) = CreatePool(sent: 10_000);

        Threads.RunOnAll(index =>
        {
            for (int i = 0; i < 1_000; i++)
            {
                Observe(bandwidth, index % 2 == 0 ? ObservedPool.OfBytes(500) : Outcome.Failed);
            }
        });

        bandwidth.Bytes.ShouldBe(10_000 + (500_000L * ((Threads.Count + 1) / 2)));
        bandwidth.Attempts.ShouldBe(10 + (1_000L * ((Threads.Count + 1) / 2)));
        ShouldHaveSent(bandwidth, bandwidth.Bytes + (1_000_000L * (Threads.Count / 2)));
    }

    /// <summary>A pool of four in which an ordinary attempt has 1000 bytes. Three have sent 10,000 bytes.</summary>
    private (PoolBandwidth Pool, Bandwidth Fourth) CreatePool(long sent)
    {
        Bandwidth[] bandwidths = [Create(), Create(), Create(), Create()];
        PoolBandwidth pool = new(bandwidths, null, _clock.GetTimestamp());
        Array.ForEach(bandwidths[..3], bandwidth => Send(bandwidth, 1000, 10));
        Send(bandwidths[3], 1000, sent / 1000);
        pool.Refresh(_clock.GetTimestamp());
        return (pool, bandwidths[3]);
    }

    private Bandwidth Create() => new(_clock, TimeSpan.FromSeconds(10), _refresh);

    private void Send(Bandwidth bandwidth, long bytes, long times)
    {
        for (int i = 0; i < times; i++)
        {
            Observe(bandwidth, ObservedPool.OfBytes(bytes));
        }
    }

    private void Observe(Bandwidth bandwidth, Outcome outcome, AttemptPhases phases = Both)
    {
        long now = AttemptReport.NotRead;
        bandwidth.Observe(new AttemptReport(new BackendState(Pools.Describe(0)), phases, in outcome, _clock.GetTimestamp(), ref now, _clock, era: 0));
    }

    private static void ShouldHaveSent(Bandwidth bandwidth, double bytes) => (10 * bandwidth.BytesPerSecond).ShouldBe(bytes, 1e-6 * bytes);
}
