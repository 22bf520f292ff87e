using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Balancing;

/// <summary>Many changes of health in a pool where a rebuild takes a while: they share rebuilds, and none is forgotten.</summary>
public sealed class RebuildPaceTests
{
    private readonly SteppingClock _clock = new();

    [Fact]
    public void SetFlag_RebuildsAreShort_PublishesEachAtOnce()
    {
        using Balancer balancer = Build(costOfARebuild: TimeSpan.FromMilliseconds(0.5));

        for (int i = 0; i < 10; i++)
        {
            balancer.Backends[i].SetFlag(Unavailability.ProbeFailed, true);
            balancer.Backends.Eligible.Length.ShouldBe(19 - i);
        }
    }

    [Fact]
    public void SetFlag_AThousandASecondAndRebuildsTakeFourMilliseconds_SharesThemAndShowsTheLastWithinAHundred()
    {
        using Balancer balancer = Build(costOfARebuild: TimeSpan.FromMilliseconds(4));
        int published = _clock.Rebuilds;

        for (int i = 0; i < 1_000; i++)
        {
            balancer.Backends[i % 20].SetFlag(Unavailability.ProbeFailed, i / 20 % 2 == 0);
            _clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        (_clock.Rebuilds - published).ShouldBeInRange(10, 40, "a rebuild and its pause take 4 + 36 ms");
        balancer.Backends[7].SetFlag(Unavailability.Ejected, true);
        _clock.Advance(TimeSpan.FromMilliseconds(90));
        balancer.Backends.Eligible.Contains(balancer.Backends[7]).ShouldBeFalse();
        balancer.Backends.Eligible.ToArray().ShouldBe(balancer.Backends.Where(backend => backend.Unavailability == Unavailability.None), ignoreOrder: true);
    }

    [Fact]
    public void SetFlag_RebuildsTakeForever_StillShowsTheLastWithinAHundredMillisecondsOfPause()
    {
        using Balancer balancer = Build(costOfARebuild: TimeSpan.FromMilliseconds(40));
        balancer.Backends[0].SetFlag(Unavailability.Ejected, true);

        balancer.Backends[1].SetFlag(Unavailability.Ejected, true);
        _clock.Advance(TimeSpan.FromMilliseconds(50));

        balancer.Backends.Eligible.Length.ShouldBe(18);
    }

    [Fact]
    public void TryPick_AllThatIsPublishedAsEligibleIsGone_DoesNotWaitForThePace()
    {
        using Balancer balancer = Build(costOfARebuild: TimeSpan.FromMilliseconds(40));
        foreach (BackendState backend in balancer.Backends)
        {
            backend.SetFlag(Unavailability.CircuitOpen, true);
            backend.Permits = new Client.Backends.AdmissionPermits(0, era: 1, TimeSpan.FromSeconds(1), _clock);
        }

        balancer.TryPick(default, out BackendLease lease).ShouldBeTrue("nothing is eligible, so everything is used");
        lease.Reasons.ShouldBe(PickReasons.FailOpen);
    }

    [Fact]
    public void Isolate_DuringThePause_IsPublishedWhenItReturns()
    {
        using Balancer balancer = Build(costOfARebuild: TimeSpan.FromMilliseconds(40));
        balancer.Backends[0].SetFlag(Unavailability.Ejected, true);
        balancer.Backends[1].SetFlag(Unavailability.Ejected, true);

        balancer.Isolate(balancer.Backends[2].Id);

        balancer.Backends.Eligible.Length.ShouldBe(17);
    }

    private Balancer Build(TimeSpan costOfARebuild)
    {
        Balancer balancer = new BalancerBuilder("orders")
            .AddBackends(Pools.DescribeMany(20))
            .UsePolicy(new CostlyPolicy(_clock, costOfARebuild))
            .UseTimeProvider(_clock)
            .Build();
        balancer.Start();
        for (int i = 0; i < 4; i++)
        {
            balancer.Isolate(balancer.Backends[0].Id);
            balancer.Restore(balancer.Backends[0].Id);
        }

        return balancer;
    }

    /// <summary>A clock on which building a picker takes time.</summary>
    private sealed class SteppingClock : TimeProvider
    {
        private readonly FakeTimeProvider _clock = new();
        private TimeSpan _spent;

        public int Rebuilds { get; private set; }

        public override long TimestampFrequency => _clock.TimestampFrequency;

        public override long GetTimestamp() => _clock.GetTimestamp() + _spent.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => _clock.CreateTimer(callback, state, dueTime, period);

        public void Advance(TimeSpan time) => _clock.Advance(time);

        public void Spend(TimeSpan time)
        {
            _spent += time;
            Rebuilds++;
        }
    }

    private sealed class CostlyPolicy(SteppingClock clock, TimeSpan cost) : LoadBalancingPolicy
    {
        public override string Name => "costly";

        public override PickerFactory CreateFactory(PolicyContext context) => new Factory(new RandomPolicy().CreateFactory(context), clock, cost);

        private sealed class Factory(PickerFactory inner, SteppingClock clock, TimeSpan cost) : PickerFactory
        {
            public override Picker CreatePicker(BackendSet backends)
            {
                clock.Spend(cost);
                return inner.CreatePicker(backends);
            }
        }
    }
}
