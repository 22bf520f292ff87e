using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Discovery;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Balancing.SlowStarting;

public sealed class SlowStartTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void EligibleWeights_AtTheStart_AreWhole()
    {
        using Balancer balancer = Build(Pools.DescribeMany(3));

        Weights(balancer).ShouldBe([1, 1, 1]);
        _clock.ActiveTimers.ShouldBe(0);
    }

    [Fact]
    public void EligibleWeights_AfterABackendReturned_GrowEverySecondToTheWhole()
    {
        using Balancer balancer = Build(Pools.Describe(1, 1, 2));
        balancer.Isolate("b2");
        balancer.Restore("b2");

        List<double> weights = [Weights(balancer)[2]];
        for (int second = 1; second <= 31; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            weights.Add(Weights(balancer)[2]);
        }

        weights.Select((weight, second) => weight - (2 * Math.Min(1, Math.Max(0.1, second / 30.0)))).ShouldAllBe(difference => Math.Abs(difference) < 1e-9);
        Weights(balancer)[..2].ShouldBe([1, 1]);
        _clock.ActiveTimers.ShouldBe(0);
    }

    [Theory]
    [InlineData(1, 0.5)]
    [InlineData(2, 0.7071)]
    [InlineData(0.5, 0.25)]
    public void EligibleWeights_HalfOfTheWindow_FollowTheAggression(double aggression, double share)
    {
        using Balancer balancer = Build(Pools.DescribeMany(2), options => (options.Aggression, options.Window) = (aggression, TimeSpan.FromSeconds(10)));
        balancer.Isolate("b1");
        balancer.Restore("b1");

        _clock.Advance(TimeSpan.FromSeconds(5));

        Weights(balancer)[1].ShouldBe(share, 1e-4);
    }

    [Fact]
    public void EligibleWeights_MinWeight_IsTheLeast()
    {
        using Balancer balancer = Build(Pools.DescribeMany(2), options => options.MinWeight = 0.4);
        balancer.Isolate("b1");
        balancer.Restore("b1");

        _clock.Advance(TimeSpan.FromSeconds(10));

        Weights(balancer)[1].ShouldBe(0.4, 1e-9);
    }

    [Fact]
    public async Task EligibleWeights_NewInTheListOrWeightRaisedFromZero_BeginSmall()
    {
        ManualSource source = new();
        using Balancer balancer = Build([], source: source);
        balancer.Start();
        await source.PublishAsync(Pools.Describe([1.0, 0]));
        _clock.Advance(TimeSpan.FromSeconds(100));

        await source.PublishAsync(Pools.Describe(1, 4, 1));

        Weights(balancer).ShouldBe([1, 0.4, 0.1], 1e-9);
    }

    [Fact]
    public async Task EligibleWeights_TakenFromTheListAndBack_BeginSmallAgain()
    {
        ManualSource source = new();
        using Balancer balancer = Build([], source: source);
        balancer.Start();
        await source.PublishAsync(Pools.DescribeMany(2));
        balancer.Backends[1].Occupy(1);
        await source.PublishAsync(Pools.DescribeMany(1));

        await source.PublishAsync(Pools.DescribeMany(2));

        Weights(balancer).ShouldBe([1, 0.1], 1e-9);
    }

    [Fact]
    public void EligibleWeights_OneOfTwoFlagsCleared_IsNotYetAReturn()
    {
        using Balancer balancer = Build(Pools.DescribeMany(2));
        BackendState backend = balancer.Backends[1];
        backend.SetFlag(Unavailability.ProbeFailed, true);
        backend.SetFlag(Unavailability.Ejected, true);
        backend.SetFlag(Unavailability.ProbeFailed, false);
        _clock.Advance(TimeSpan.FromSeconds(20));
        backend.SetFlag(Unavailability.Ejected, false);

        Weights(balancer).ShouldBe([1, 0.1], 1e-9);
    }

    [Fact]
    public void EligibleWeights_WeightChangedWhileEligible_DoesNotBeginAgain()
    {
        using Balancer balancer = Build(Pools.DescribeMany(2));

        balancer.Apply(Options(Pools.Describe([1.0, 5])));

        Weights(balancer).ShouldBe([1, 5]);
    }

    /// <summary>Whoever is back first must not be overrun because the others begin with a tenth.</summary>
    [Fact]
    public void EligibleWeights_EverythingReturnedAtOnce_AreWhole()
    {
        using Balancer balancer = Build(Pools.DescribeMany(4));
        Array.ForEach([.. balancer.Backends], backend => backend.SetFlag(Unavailability.ProbeFailed, true));
        Array.ForEach([.. balancer.Backends], backend => backend.SetFlag(Unavailability.ProbeFailed, false));

        Weights(balancer).ShouldBe([1, 1, 1, 1], 1e-9);
    }

    [Fact]
    public void EligibleWeights_EverythingReturnsOneAfterTheOther_AreRelativeToTheFirst()
    {
        using Balancer balancer = Build(Pools.DescribeMany(3));
        Array.ForEach([.. balancer.Backends], backend => backend.SetFlag(Unavailability.ProbeFailed, true));
        balancer.Backends[0].SetFlag(Unavailability.ProbeFailed, false);
        _clock.Advance(TimeSpan.FromSeconds(6));
        balancer.Backends[1].SetFlag(Unavailability.ProbeFailed, false);

        Weights(balancer).ShouldBe([1, 0.5], 1e-9);
        _clock.Advance(TimeSpan.FromSeconds(24));
        Weights(balancer).ShouldBe([1, 0.8], 1e-9);
    }

    /// <summary>One tier for itself: a second one that comes all new has nobody to spare it.</summary>
    [Fact]
    public void EligibleWeights_ATierThatIsAllNew_AreWholeInIt()
    {
        Backend[] first = Pools.DescribeMany(2);
        using Balancer balancer = Build(first);

        balancer.Apply(Options([.. first, Pools.Describe(2) with { Priority = 1 }, Pools.Describe(3) with { Priority = 1 }]));

        Weights(balancer).ShouldBe([1, 1, 1, 1], 1e-9);
    }

    [Fact]
    public void EligibleWeights_FailOpen_AreWholeAndNoReturn()
    {
        using Balancer balancer = Build(Pools.DescribeMany(3));
        balancer.Isolate("b2");
        balancer.Restore("b2");
        _clock.Advance(TimeSpan.FromSeconds(3));
        Array.ForEach([.. balancer.Backends], backend => backend.SetFlag(Unavailability.ProbeFailed, true));

        Weights(balancer).ShouldBe([1, 1, 1]);
    }

    [Fact]
    public void EligibleWeights_TurnedOnLater_AreWholeForThoseThere()
    {
        using Balancer balancer = new BalancerBuilder("orders").AddBackends(Pools.DescribeMany(2)).UseTimeProvider(_clock).Build();

        balancer.Apply(Options(Pools.DescribeMany(3)));

        Weights(balancer).ShouldBe([1, 1, 1]);
        balancer.Isolate("b0");
        balancer.Restore("b0");
        Weights(balancer).ShouldBe([0.1, 1, 1], 1e-9);
    }

    [Theory]
    [InlineData("ring_hash")]
    [InlineData("maglev")]
    [InlineData("rendezvous")]
    public void TryPick_Keys_IgnoreIt(string policy)
    {
        Backend[] backends = [.. Enumerable.Range(0, 8).Select(index => Pools.Describe(index) with { Locality = new Locality(zone: index < 3 ? "a" : "b") })];
        using Balancer balancer = Build(backends, configureAll: builder => builder.UsePolicy(Policies.PolicyCases.Create(policy)).UseLocality(new Locality(zone: "a")).UseZoneAwareRouting());
        string[] before = OwnersOfKeys(balancer);
        balancer.Isolate("b1");
        balancer.Restore("b1");

        balancer.Backends.EligibleWeights.ToArray().ShouldContain(weight => weight < 1);
        OwnersOfKeys(balancer).ShouldBe(before);
    }

    [Fact]
    public void TryPick_ReturnedBackend_GetsItsShare()
    {
        using Balancer balancer = Build(Pools.DescribeMany(3), configureAll: builder => builder.UsePolicy(new RandomPolicy()).UseRandom(new Random(71)));
        balancer.Isolate("b2");
        balancer.Restore("b2");
        _clock.Advance(TimeSpan.FromSeconds(6));
        int[] counts = new int[3];
        for (int i = 0; i < 22_000; i++)
        {
            balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
            counts[lease.Backend.Id[1] - '0']++;
            lease.Complete(Outcome.Succeeded);
        }

        counts.ShouldFollow(1, 1, 0.2);
    }

    [Fact]
    public void Explain_InASlowStart_SaysHowFarAndHowLong()
    {
        using Balancer balancer = Build(Pools.Describe([1.0, 2]));
        balancer.Isolate("b1");
        balancer.Restore("b1");
        _clock.Advance(TimeSpan.FromSeconds(10));

        BackendExplanation explanation = balancer.Explain(default).Backends[1];

        explanation.Weight.ShouldBe(2 / 3.0, 1e-9);
        explanation.Detail.ShouldBe("in its slow start (33.3 % of its weight 2, all of it in 20 s), load 0");
    }

    /// <summary>Nobody has configured weights there, so nobody expects them to have an effect.</summary>
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    public void RoundRobin_InASlowStart_WarnsOnlyAboutWeightsThatWereConfigured(double weight, int warnings)
    {
        RecordingLog log = new();
        using Balancer balancer = Build(Pools.Describe(1, 1, weight), configureAll: builder => builder.UsePolicy(new RoundRobinPolicy()).UseLoggerFactory(log));
        for (int i = 0; i < 2; i++)
        {
            balancer.Isolate("b1");
            balancer.Restore("b1");
            balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
            lease.Complete(Outcome.Succeeded);
        }

        Weights(balancer)[1].ShouldBeLessThan(1);
        log.Of("WeightsIgnored").Count.ShouldBe(warnings);
    }

    [Fact]
    public void Dispose_InASlowStart_LeavesNoTimer()
    {
        Balancer balancer = Build(Pools.DescribeMany(2));
        balancer.Isolate("b1");
        balancer.Restore("b1");
        _clock.ActiveTimers.ShouldBe(1);

        balancer.Dispose();

        _clock.ActiveTimers.ShouldBe(0);
    }

    private static double[] Weights(Balancer balancer) => balancer.Backends.EligibleWeights.ToArray();

    private static string[] OwnersOfKeys(Balancer balancer) =>
        [.. Enumerable.Range(0, 500).Select(key => balancer.GetBackends(PickRequest.ForKey((ulong)key), 1).Single().Id)];

    private static BalancerOptions Options(Backend[] backends)
    {
        BalancerOptions options = new() { HasBackends = true };
        Array.ForEach(backends, options.Backends.Add);
        options.SlowStart.Enabled = true;
        return options;
    }

    private Balancer Build(Backend[] backends, Action<SlowStartOptions>? configure = null, ManualSource? source = null, Action<BalancerBuilder>? configureAll = null)
    {
        BalancerBuilder builder = new BalancerBuilder("orders").UseTimeProvider(_clock).UseSlowStart(configure);
        builder = source is null ? builder.AddBackends(backends) : builder.AddSource(source);
        configureAll?.Invoke(builder);
        return builder.Build();
    }
}
