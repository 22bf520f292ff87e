using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Discovery;
using LoadBalancing.Client.Tests.Fixtures;
using Microsoft.Extensions.Logging;

namespace LoadBalancing.Client.Tests.Balancing.ServiceLevels;

public sealed class ServiceLevelTests
{
    private readonly RecordingLog _log = new();

    /// <summary>The defaults: below 80 % reduced, below 50 % critical; at the threshold itself not yet.</summary>
    [Theory]
    [InlineData(10, 0, ServiceLevel.Full)]
    [InlineData(10, 2, ServiceLevel.Full)]
    [InlineData(10, 3, ServiceLevel.Reduced)]
    [InlineData(10, 5, ServiceLevel.Reduced)]
    [InlineData(10, 6, ServiceLevel.Critical)]
    [InlineData(10, 9, ServiceLevel.Critical)]
    [InlineData(10, 10, ServiceLevel.None)]
    [InlineData(2, 1, ServiceLevel.Reduced)]
    [InlineData(3, 1, ServiceLevel.Reduced)]
    public void ServiceLevel_SomeFailed_IsByTheShareThatIsLeft(int count, int failed, ServiceLevel level)
    {
        using Balancer balancer = Build(Pools.DescribeMany(count));

        Fail(balancer, [.. Enumerable.Range(0, failed)]);

        balancer.ServiceLevel.ShouldBe(level);
    }

    /// <summary>Seven of ten thirds are not exactly 0.7, and are 0.7 all the same.</summary>
    [Theory]
    [InlineData(0.1)]
    [InlineData(1 / 3.0)]
    [InlineData(double.MaxValue)]
    [InlineData(double.Epsilon)]
    public void ServiceLevel_ExactlyAtTheThreshold_IsNotBelow(double weight)
    {
        using Balancer balancer = Build([.. Enumerable.Range(0, 10).Select(index => Pools.Describe(index, weight))], options => options.ReducedBelow = 0.7);

        Fail(balancer, 0, 1, 2);

        balancer.ServiceLevel.ShouldBe(ServiceLevel.Full);
    }

    [Fact]
    public void ServiceLevel_WeightsAndTiers_CountsWeightOverAllTiers()
    {
        using Balancer balancer = Build([Pools.Describe(0, 6), Pools.Describe(1, 1) with { Priority = 1 }, Pools.Describe(2, 3) with { Priority = 2 }]);

        Fail(balancer, 0);
        balancer.ServiceLevel.ShouldBe(ServiceLevel.Critical);

        Recover(balancer, 0);
        Fail(balancer, 2);
        balancer.ServiceLevel.ShouldBe(ServiceLevel.Reduced);
    }

    [Fact]
    public void ServiceLevel_TakenOutOnPurpose_LowersNothing()
    {
        using Balancer balancer = Build([.. Pools.DescribeMany(4), Pools.Describe(4, weight: 0)]);
        balancer.Isolate("b0");
        _ = balancer.DrainAsync("b1", TimeSpan.Zero);

        balancer.ServiceLevel.ShouldBe(ServiceLevel.Full);

        balancer.Isolate("b2");
        balancer.Isolate("b3");
        balancer.ServiceLevel.ShouldBe(ServiceLevel.None);
    }

    [Fact]
    public async Task ServiceLevel_NothingListed_IsNoneOnceDiscoveryHasAnswered()
    {
        ManualSource source = new();
        using Balancer balancer = new BalancerBuilder("orders").AddSource(source).UseLoggerFactory(_log).Build();
        balancer.Start();
        balancer.ServiceLevel.ShouldBe(ServiceLevel.Full);

        await source.PublishAsync();
        balancer.ServiceLevel.ShouldBe(ServiceLevel.None);

        await source.PublishAsync(Pools.DescribeMany(1));
        balancer.ServiceLevel.ShouldBe(ServiceLevel.Full);
        _log.Of("ServiceLevelFell").ShouldHaveSingleItem();
        _log.Of("ServiceLevelRose").ShouldHaveSingleItem();
    }

    [Fact]
    public void ServiceLevelChanged_FallsAndRises_IsRaisedAndLoggedOncePerChange()
    {
        using Balancer balancer = Build(Pools.DescribeMany(4));
        List<(ServiceLevel From, ServiceLevel To, double Share, ServiceLevel Property)> changes = [];
        balancer.ServiceLevelChanged += (sender, change) =>
        {
            sender.ShouldBe(balancer);
            changes.Add((change.From, change.To, change.EligibleShare, balancer.ServiceLevel));
        };

        Fail(balancer, 0);
        Fail(balancer, 1);
        Fail(balancer, 2, 3);
        Recover(balancer, 0, 1, 2, 3);

        changes.ShouldBe(
        [
            (ServiceLevel.Full, ServiceLevel.Reduced, 0.75, ServiceLevel.Reduced),
            (ServiceLevel.Reduced, ServiceLevel.Critical, 0.25, ServiceLevel.None),
            (ServiceLevel.Critical, ServiceLevel.None, 0, ServiceLevel.None),
            (ServiceLevel.None, ServiceLevel.Critical, 0.25, ServiceLevel.Full),
            (ServiceLevel.Critical, ServiceLevel.Reduced, 0.5, ServiceLevel.Full),
            (ServiceLevel.Reduced, ServiceLevel.Full, 1, ServiceLevel.Full),
        ]);
        _log.Of("ServiceLevelFell").ShouldBe(
        [
            "Service orders: the service level fell from Full to Reduced; 75 % of the backends' weight is eligible.",
            "Service orders: the service level fell from Reduced to Critical; 25 % of the backends' weight is eligible.",
            "Service orders: the service level fell from Critical to None; 0 % of the backends' weight is eligible.",
        ]);
        _log.Entries.Where(entry => entry.Event == "ServiceLevelFell").ShouldAllBe(entry => entry.Level == LogLevel.Warning);
        _log.Entries.Where(entry => entry.Event == "ServiceLevelRose").Select(entry => entry.Level).ShouldBe([LogLevel.Information, LogLevel.Information, LogLevel.Information]);
    }

    [Fact]
    public void ServiceLevelChanged_HandlerThatThrows_HarmsNobody()
    {
        using Balancer balancer = Build(Pools.DescribeMany(2));
        balancer.ServiceLevelChanged += (_, _) => throw new InvalidOperationException("A bug.");

        Fail(balancer, 0, 1);

        balancer.ServiceLevel.ShouldBe(ServiceLevel.None);
        _log.Of("CodeFailed").ShouldNotBeEmpty();
    }

    [Fact]
    public void Apply_OtherThresholds_JudgesAgain()
    {
        using Balancer balancer = Build(Pools.DescribeMany(4));
        Fail(balancer, 0);
        BalancerOptions options = new() { HasBackends = true };
        Array.ForEach(Pools.DescribeMany(4), options.Backends.Add);
        (options.ServiceLevel.ReducedBelow, options.ServiceLevel.CriticalBelow) = (1, 0.8);

        balancer.Apply(options);

        balancer.ServiceLevel.ShouldBe(ServiceLevel.Critical);
    }

    private static void Fail(Balancer balancer, params int[] indexes) => Set(balancer, true, indexes);

    private static void Recover(Balancer balancer, params int[] indexes) => Set(balancer, false, indexes);

    private static void Set(Balancer balancer, bool value, int[] indexes)
    {
        BackendSet backends = balancer.Backends;
        Array.ForEach(indexes, index => backends[index].SetFlag(Unavailability.ProbeFailed, value));
        backends[0].Host!.Speak();
    }

    private Balancer Build(Backend[] backends, Action<ServiceLevelOptions>? configure = null) =>
        new BalancerBuilder("orders").AddBackends(backends).UseLoggerFactory(_log).UseTimeProvider(new FakeTimeProvider()).UseServiceLevel(configure ?? (_ => { })).Build();
}
