using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Policies;

public sealed class PeakEwmaPolicyTests
{
    [Fact]
    public void Pick_OneIsFaster_PrefersIt()
    {
        ObservedPool pool = ObservedPool.OfEqual(new PeakEwmaPolicy(), 2);
        pool.Report(0, ObservedPool.Success(100));
        pool.Report(1, ObservedPool.Success(40));

        pool.Preferred().ShouldBe(1);
    }

    [Fact]
    public void Pick_FasterButBusier_ComparesLatencyTimesLoad()
    {
        ObservedPool pool = ObservedPool.OfEqual(new PeakEwmaPolicy(), 2);
        pool.Report(0, ObservedPool.Success(100));
        pool.Report(1, ObservedPool.Success(40));

        pool.Set[1].Occupy(1);
        pool.Preferred().ShouldBe(1);
        pool.Set[1].Occupy(1);
        pool.Preferred().ShouldBe(0);
        pool.Set[0].Occupy(1);
        pool.Preferred().ShouldBe(1);
    }

    [Fact]
    public void Pick_MoreInFlightThanTheTableHas_StillCounts()
    {
        ObservedPool pool = ObservedPool.OfEqual(new PeakEwmaPolicy(), 2);
        pool.Report(0, ObservedPool.Success(101));
        pool.Report(1, ObservedPool.Success(1));
        pool.Set[1].Occupy(99);
        pool.Preferred().ShouldBe(1);

        pool.Set[1].Occupy(2);
        pool.Preferred().ShouldBe(0);
    }

    [Fact]
    public void Pick_UnequalWeights_DividesInFlightByWeight()
    {
        ObservedPool pool = new(new PeakEwmaPolicy(), 1, 3);
        pool.Report(ObservedPool.Success(50), 0, 1);

        pool.Set[0].Occupy(1);
        pool.Set[1].Occupy(2);
        pool.Preferred().ShouldBe(1);
        pool.Set[1].Occupy(2);
        pool.Preferred().ShouldBe(0);
    }

    [Fact]
    public void Pick_IdleForLong_IsTriedAgain()
    {
        ObservedPool pool = ObservedPool.OfEqual(new PeakEwmaPolicy(), 2);
        pool.Report(0, ObservedPool.Success(100));
        pool.Report(1, ObservedPool.Success(40));

        pool.Clock.Advance(TimeSpan.FromSeconds(9));
        pool.Report(1, ObservedPool.Success(40));
        pool.Preferred().ShouldBe(1);

        pool.Clock.Advance(TimeSpan.FromSeconds(1));
        pool.Report(1, ObservedPool.Success(40));
        pool.Preferred().ShouldBe(0);
    }

    [Fact]
    public void Pick_WithoutSampleButBusy_IsNeverPreferredToAKnownOne()
    {
        ObservedPool pool = ObservedPool.OfEqual(new PeakEwmaPolicy(), 2);
        pool.Report(0, ObservedPool.Success(3_600_000));
        pool.Set[0].Occupy(1000);
        pool.Set[1].Occupy(1);

        pool.Preferred().ShouldBe(0);
    }

    [Fact]
    public void Pick_WithoutSampleAndIdle_IsTried()
    {
        ObservedPool pool = ObservedPool.OfEqual(new PeakEwmaPolicy(), 2);
        pool.Report(0, ObservedPool.Success(1));

        pool.Preferred().ShouldBe(1);
    }

    [Fact]
    public void Pick_SeveralWithoutSample_TakesTheLessBusy()
    {
        ObservedPool pool = ObservedPool.OfEqual(new PeakEwmaPolicy(), 2);
        pool.Set[0].Occupy(3);
        pool.Set[1].Occupy(2);

        pool.Preferred().ShouldBe(1);
    }

    [Fact]
    public void CreatePicker_Again_RemembersWhatWasMeasured()
    {
        ObservedPool pool = ObservedPool.OfEqual(new PeakEwmaPolicy(), 2);
        pool.Report(0, ObservedPool.Success(100));
        pool.Report(1, ObservedPool.Success(40));
        pool.Rebuild();

        pool.Preferred().ShouldBe(1);
    }

    [Fact]
    public void Apply_AnotherPolicyOfTheSameKind_BeginsAnew()
    {
        using Balancer balancer = new BalancerBuilder("orders").AddBackends(Pools.DescribeMany(2)).UsePolicy(new PeakEwmaPolicy()).UseTimeProvider(new FakeTimeProvider()).Build();
        balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
        lease.Complete(ObservedPool.Success(40));
        string id = lease.Backend.Id;
        Describe(balancer, id).ShouldBe("average 40 ms, 0 in flight");

        BalancerOptions options = new() { Policy = new PeakEwmaPolicy() };
        Array.ForEach(Pools.DescribeMany(2), options.Backends.Add);
        balancer.Apply(options);

        Describe(balancer, id).ShouldBe("no sample, 0 in flight");
    }

    [Fact]
    public void Pick_Busy_ReadsNoClock()
    {
        CountingClock clock = new();
        BackendSet set = Pools.Set(1, 1, 1);
        Picker picker = new PeakEwmaPolicy().CreateFactory(new PolicyContext(Random.Shared, clock)).CreatePicker(set);
        int before = clock.Readings;

        picker.CountPicks(set, 100);

        clock.Readings.ShouldBe(before);
    }

    [Fact]
    public void Describe_EachBackend_SaysAverageAndLoad()
    {
        ObservedPool pool = ObservedPool.OfEqual(new PeakEwmaPolicy(), 2);
        pool.Report(0, ObservedPool.Success(100));
        pool.Set[1].Occupy(2);

        pool.Picker.Describe(default, pool.Set[0]).ShouldBe("average 100 ms, 0 in flight");
        pool.Picker.Describe(default, pool.Set[1]).ShouldBe("no sample, 2 in flight");
    }

    [Fact]
    public void Decay_OutOfRange_Throws()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => new PeakEwmaPolicy { Decay = TimeSpan.Zero });
        Should.Throw<ArgumentOutOfRangeException>(() => new PeakEwmaPolicy { ChoiceCount = 0 });
    }

    [Fact]
    public void TryPickAndComplete_Observed_AllocateNothing()
    {
        using Balancer balancer = new BalancerBuilder("orders").AddBackends(Pools.DescribeMany(10)).UsePolicy(new PeakEwmaPolicy()).Build();

        Allocations.ShouldBeZero(() =>
        {
            balancer.TryPick(default, out BackendLease lease);
            lease.Responded(Outcome.Succeeded);
            lease.Complete(Outcome.Failed);
        });
    }

    private static string? Describe(Balancer balancer, string id) => balancer.Explain(default).Backends.Single(backend => backend.Backend.Id == id).Detail;

    private sealed class CountingClock : TimeProvider
    {
        public int Readings { get; private set; }

        public override long GetTimestamp()
        {
            Readings++;
            return base.GetTimestamp();
        }
    }
}
