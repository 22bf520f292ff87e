using FsCheck;
using FsCheck.Fluent;
using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Discovery;
using LoadBalancing.Client.Tests.Fixtures;
using Microsoft.Extensions.Logging;

namespace LoadBalancing.Client.Tests.Balancing.Tiers;

/// <summary>How load is spread over tiers as a whole, and how a panic is told.</summary>
public sealed class PanicTests
{
    private const Unavailability Sick = Unavailability.ProbeFailed;

    /// <summary>Envoy's own example: three tiers at 20 % health each, which is 1 of 7 backends.</summary>
    [Fact]
    public void Tiers_TwentyPerCentHealthEach_TakeThirtyFourThirtyThreeThirtyThree()
    {
        using Balancer balancer = Build([.. Enumerable.Range(0, 21).Select(index => Pools.Describe(index) with { Priority = index / 7 })]);
        foreach ((int index, BackendState backend) in balancer.Backends.Index())
        {
            backend.SetFlag(Sick, index % 7 != 0);
        }

        balancer.Snapshot.Tiers.Select(tier => tier.Load).ShouldBe([34, 33, 33]);
        balancer.Snapshot.Tiers.ShouldAllBe(tier => !tier.FailsOpen);
    }

    [Fact]
    public void Tiers_AnyHealth_TakeAHundredPerCentInAllUnlessNothingIsUsable()
    {
        Gen<Unavailability> flags = Gen.Frequency(
            (1, Gen.Constant(Unavailability.None)),
            (5, Gen.Elements(Sick, Unavailability.CircuitOpen)),
            (2, Gen.Elements(Unavailability.Isolated, Unavailability.Draining, Sick | Unavailability.Isolated)));
        Gen<(int Priority, double Weight, Unavailability Flags)> backend =
            from priority in Gen.Choose(0, 4)
            from weight in Gen.Elements(0.0, 1, 1, 2.5)
            from flag in flags
            select (priority, weight, flag);
        Gen<((int Priority, double Weight, Unavailability Flags)[] Backends, double Threshold, bool FailClosed)> pool =
            from backends in Gen.ArrayOf(backend)
            from threshold in Gen.Elements(0.0, 0.3, 0.5, 1)
            from failClosed in Gen.Elements(false, false, true)
            select (backends, threshold, failClosed);

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500).WithReplay(7, 1), Prop.ForAll(pool.ToArbitrary(), value =>
        {
            using Balancer balancer = Build(
                [.. value.Backends.Select((item, index) => Pools.Describe(index, item.Weight) with { Priority = item.Priority })],
                options => (options.PanicThreshold, options.FailClosed) = (value.Threshold, value.FailClosed));
            for (int i = 0; i < value.Backends.Length; i++)
            {
                foreach (Unavailability flag in Enum.GetValues<Unavailability>().Where(flag => flag != Unavailability.None && value.Backends[i].Flags.HasFlag(flag)))
                {
                    balancer.Backends[i].SetFlag(flag, true);
                }
            }

            bool isUsable = value.Backends.Any(item => item.Weight > 0 && (item.Flags & (Unavailability.Isolated | Unavailability.Draining)) == 0);
            bool isEligible = value.Backends.Any(item => item.Weight > 0 && item.Flags == Unavailability.None);
            bool isServed = value.FailClosed ? isEligible : isUsable;

            balancer.Snapshot.Tiers.Sum(tier => tier.Load).ShouldBe(isServed ? 100 : 0);
            balancer.Snapshot.Tiers.Where(tier => tier.Load > 0).ShouldAllBe(tier => tier.FailsOpen ? tier.UsableCount > 0 : tier.EligibleCount > 0);
            balancer.TryPick(default, out BackendLease lease).ShouldBe(isServed);
            lease.Complete(default);
        }));
    }

    [Fact]
    public void Panic_BeginsAndEnds_IsToldOnceEach()
    {
        RecordingLog log = new();
        using Balancer balancer = Build([.. Pools.DescribeMany(3), Pools.Describe(3) with { Priority = 1 }], log: log);

        Set(balancer, true, 0, 1, 2);
        log.Of("PanicBegan").ShouldBeEmpty();
        Set(balancer, true, 3);
        balancer.Isolate("b1");
        Set(balancer, false, 0);

        log.Of("PanicBegan").ShouldBe(
        [
            "Service orders: priority 0 panics: 0 of its 3 backends are eligible, too few, so all are used, whatever health says.",
            "Service orders: priority 1 panics: 0 of its 1 backends are eligible, too few, so all are used, whatever health says.",
        ]);
        log.Of("PanicEnded").ShouldBe(
        [
            "Service orders: priority 0 no longer panics: 1 of its 2 backends are eligible.",
            "Service orders: priority 1 no longer panics: 0 of its 1 backends are eligible.",
        ]);
        log.Entries.Where(entry => entry.Event.StartsWith("Panic", StringComparison.Ordinal)).Select(entry => entry.Level)
            .ShouldBe([LogLevel.Warning, LogLevel.Warning, LogLevel.Information, LogLevel.Information]);
    }

    [Fact]
    public void Panic_FailClosed_IsNone()
    {
        RecordingLog log = new();
        using Balancer balancer = Build(Pools.DescribeMany(2), options => options.FailClosed = true, log);

        Set(balancer, true, 0, 1);

        log.Of("PanicBegan").ShouldBeEmpty();
    }

    private static void Set(Balancer balancer, bool value, params int[] indexes)
    {
        BackendSet backends = balancer.Backends;
        Array.ForEach(indexes, index => backends[index].SetFlag(Sick, value));
        backends[0].Host!.Speak();
    }

    private static Balancer Build(Backend[] backends, Action<BalancerOptions>? configure = null, RecordingLog? log = null)
    {
        BalancerBuilder builder = new BalancerBuilder("orders").AddBackends(backends).UseTimeProvider(new FakeTimeProvider()).Configure(configure ?? (_ => { }));
        return (log is null ? builder : builder.UseLoggerFactory(log)).Build();
    }
}
