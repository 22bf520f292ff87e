using System.Collections.Concurrent;
using LoadBalancing.Client.Balancing;
using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Discovery;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Balancing.Subsets;

/// <summary>A balancer that uses a part of what is listed.</summary>
public sealed class SubsetSizeTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly RecordingLog _log = new();
    private readonly List<Balancer> _balancers = [];
    private ManualSource _source = new();

    public void Dispose() => _balancers.ForEach(balancer => balancer.Dispose());

    [Fact]
    public async Task Update_MoreThanTheSize_UsesAFewAndStaysWithThem()
    {
        Balancer balancer = Build(builder => builder.UseSubset(20));
        Backend[] all = Pools.DescribeMany(1_000);
        await _source.PublishAsync(all);
        BackendState[] members = [.. balancer.Backends];
        members.Length.ShouldBe(20);

        await _source.PublishAsync([.. all.Reverse()]);
        await _source.PublishAsync([.. all.Skip(1).Append(Pools.Describe(2_000))]);

        balancer.Backends.Count.ShouldBe(20);
        balancer.Backends.Count(members.Contains).ShouldBeGreaterThanOrEqualTo(18);
        _log.Of("SubsetTaken").ShouldBe(["Service orders: uses a subset of the listed backends, 20 of each priority at most; 980 are left to other clients."]);
    }

    [Fact]
    public async Task Update_LeavesTheSubset_IsDrained()
    {
        Balancer balancer = Build(builder => builder.UseSubset(5));
        Backend[] all = Pools.DescribeMany(50);
        await _source.PublishAsync(all);
        BackendLease[] leases = [.. balancer.Backends.Select(backend => Occupy(balancer, backend))];

        // Whoever is new and comes before the last one takes its place.
        Backend[] grown = [.. all, .. Enumerable.Range(100, 50).Select(index => Pools.Describe(index))];
        await _source.PublishAsync(grown);

        BackendLease[] left = [.. leases.Where(lease => !balancer.Backends.Contains(lease.Backend))];
        left.ShouldNotBeEmpty();
        left.ShouldAllBe(lease => lease.Backend.Unavailability == Unavailability.Draining && lease.Backend.InFlight == 1);

        await _source.PublishAsync(all);
        balancer.Backends.ShouldBe(leases.Select(lease => lease.Backend), "who is announced again while it drains is simply back");
        balancer.Backends.ShouldAllBe(backend => backend.Unavailability == Unavailability.None);
    }

    [Fact]
    public async Task Update_MembersFail_StaysAsItIs()
    {
        Balancer balancer = Build(builder => builder.UseSubset(5));
        Backend[] all = Pools.DescribeMany(50);
        await _source.PublishAsync(all);
        BackendState[] members = [.. balancer.Backends];

        balancer.Isolate(members[0].Id);
        members[1].SetFlag(Unavailability.ProbeFailed, true);
        await _source.PublishAsync([.. all.Select(backend => backend with { Metadata = new Dictionary<string, string> { ["v"] = "2" } })]);

        balancer.Backends.ShouldBe(members);
        balancer.Backends.Eligible.Length.ShouldBe(3);
    }

    [Fact]
    public async Task Probes_AskMembersOnly()
    {
        NotingProbe probe = new();
        Balancer balancer = Build(builder => builder.UseSubset(4).UseActiveHealthChecks(options => options.Probe = probe));
        balancer.Start();
        await _source.PublishAsync(Pools.DescribeMany(100));
        string[] members = [.. balancer.Backends.Select(backend => backend.Id)];

        for (int i = 0; i < 20; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        probe.Asked.Distinct(StringComparer.Ordinal).ShouldBe(members, ignoreOrder: true);
    }

    [Fact]
    public void Seed_IsTheBalancersOwnAndKept()
    {
        Backend[] all = Pools.DescribeMany(50);
        Balancer one = BuildOfFive(all, seed: 1);
        Balancer same = BuildOfFive(all, seed: 1);
        Balancer other = BuildOfFive(all, seed: 2);
        string[] members = Ids(one);

        Ids(same).ShouldBe(members);
        Ids(other).ShouldNotBe(members);

        Apply(one, 10, all);
        Ids(one).ShouldNotBe(members);
        members.Except(Ids(one)).ShouldBeEmpty();
        Apply(one, size: null, all);
        Ids(one).Length.ShouldBe(50);
        Apply(one, 5, all);
        Ids(one).ShouldBe(members);
    }

    /// <summary>A policy that draws numbers of its own, such as a random start, does not change who is in the subset: policies can be compared.</summary>
    [Fact]
    public void Seed_IsDrawnBeforeThePolicyDraws()
    {
        LoadBalancingPolicy[] policies = [new RandomPolicy(), new RoundRobinPolicy(), new WeightedRoundRobinPolicy()];

        string[][] members = [.. policies.Select(policy =>
        {
            using Balancer balancer = new BalancerBuilder("orders").AddBackends(Pools.DescribeMany(50)).UseSubset(5).UsePolicy(policy).UseRandom(new Random(1)).Build();
            return Ids(balancer);
        })];

        members[1].ShouldBe(members[0]);
        members[2].ShouldBe(members[0]);
    }

    /// <summary>Whoever does not ask for a subset draws the same random numbers as ever.</summary>
    [Fact]
    public void Off_DrawsNoSeed()
    {
        CountingRandom random = new();

        using Balancer off = new BalancerBuilder("orders").AddBackends(Pools.DescribeMany(3)).UsePolicy(new RandomPolicy()).UseRandom(random).Build();
        random.Draws.ShouldBe(0);

        using Balancer on = new BalancerBuilder("orders").AddBackends(Pools.DescribeMany(3)).UsePolicy(new RandomPolicy()).UseRandom(random).UseSubset(2).Build();
        random.Draws.ShouldBe(1);
        on.Backends.Count.ShouldBe(2);
    }

    /// <summary>Traffic stays in the zone, though the subset is small: chance does not make the zone look too small.</summary>
    [Fact]
    public async Task ZoneAware_EvenZones_TrafficOfEveryClientStaysAtHome()
    {
        Backend[] all = [.. Enumerable.Range(0, 90).Select(index => Pools.Describe(index) with { Locality = new Locality("eu", $"z{index % 3}") })];
        for (int client = 0; client < 30; client++)
        {
            Balancer balancer = Build(builder => builder.UseSubset(21).UseZoneAwareRouting().UseLocality(new Locality("eu", "z1")), seed: client);
            await _source.PublishAsync(all);

            balancer.Backends.CountBy(backend => backend.Description.Locality.Zone).ShouldBe([new("z0", 7), new("z1", 7), new("z2", 7)], ignoreOrder: true);
            for (int i = 0; i < 50; i++)
            {
                balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
                (lease.Backend.Description.Locality.Zone, lease.Reasons).ShouldBe(("z1", PickReasons.None));
                lease.Complete(default);
            }
        }
    }

    [Fact]
    public async Task Tiers_TheFirstFails_TheSecondIsThere()
    {
        Balancer balancer = Build(builder => builder.UseSubset(3));
        await _source.PublishAsync([.. Pools.DescribeMany(40).Select((backend, index) => backend with { Priority = index / 20 })]);
        foreach (BackendState backend in balancer.Backends.Where(backend => backend.Description.Priority == 0))
        {
            backend.SetFlag(Unavailability.CircuitOpen, true);
        }

        balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();

        (lease.Backend.Description.Priority, lease.Reasons).ShouldBe((1, PickReasons.SpilledTier));
    }

    [Fact]
    public async Task Explain_TellsWhoIsOutside()
    {
        Balancer balancer = Build(builder => builder.UseSubset(2), seed: 5);
        await _source.PublishAsync(Pools.DescribeMany(6));

        PickExplanation explanation = balancer.Explain(default);

        (explanation.Backends.Count, explanation.BackendCount, explanation.Backends.Count(backend => backend.IsCandidate)).ShouldBe((6, 6, 2));
        explanation.Backends.Take(2).Select(backend => backend.Backend).ShouldBe(balancer.Backends);
        Verified.Match(explanation.ToString());
    }

    [Fact]
    public async Task NoBackendAvailable_TellsOfMembersFirst()
    {
        Balancer balancer = Build(builder => builder.UseSubset(2));
        await _source.PublishAsync(Pools.DescribeMany(100));
        string[] members = Ids(balancer);
        Array.ForEach(members, id => balancer.Isolate(id));

        NoBackendAvailableException exception = await Should.ThrowAsync<NoBackendAvailableException>(async () => await balancer.PickAsync(default));

        PickExplanation explanation = exception.Explanation.ShouldNotBeNull();
        (explanation.Backends.Count, explanation.BackendCount).ShouldBe((10, 100));
        explanation.Backends.Take(2).Select(backend => backend.Backend.Id).ShouldBe(members);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void UseSubset_NotPositive_IsRefused(int size)
    {
        Should.Throw<ArgumentOutOfRangeException>(() => new BalancerBuilder("orders").UseSubset(size)).ParamName.ShouldBe("size");
        Should.Throw<InvalidBalancerException>(() => new BalancerBuilder("orders").AddBackends("http://a").Configure(options => options.SubsetSize = size).Build())
            .Message.ShouldContain($"SubsetSize = {size}: must be 1 or more, or null for all backends.");
    }

    private static string[] Ids(Balancer balancer) => [.. balancer.Backends.Select(backend => backend.Id)];

    private static BackendLease Occupy(Balancer balancer, BackendState backend)
    {
        balancer.TryPick(Pools.Without(balancer.Backends.Where(other => other != backend)), out BackendLease lease).ShouldBeTrue();
        lease.Backend.ShouldBe(backend);
        return lease;
    }

    private static void Apply(Balancer balancer, int? size, Backend[] all)
    {
        BalancerOptions options = new() { SubsetSize = size };
        Array.ForEach(all, options.Backends.Add);
        balancer.Apply(options);
    }

    private Balancer Build(Action<BalancerBuilder> configure, int seed = 3)
    {
        _source = new ManualSource();
        BalancerBuilder builder = new BalancerBuilder("orders").AddSource(_source).UseTimeProvider(_clock).UseLoggerFactory(_log).UseRandom(new Random(seed));
        configure(builder);
        Balancer balancer = builder.Build();
        _balancers.Add(balancer);
        balancer.Start();
        return balancer;
    }

    private Balancer BuildOfFive(Backend[] all, int seed)
    {
        Balancer balancer = new BalancerBuilder("orders").AddBackends(all).UseSubset(5).UseRandom(new Random(seed)).Build();
        _balancers.Add(balancer);
        return balancer;
    }

    private sealed class NotingProbe : IHealthProbe
    {
        private readonly ConcurrentQueue<string> _asked = new();

        public IReadOnlyCollection<string> Asked => [.. _asked];

        public ValueTask<ProbeResult> CheckAsync(Backend backend, CancellationToken cancellationToken)
        {
            _asked.Enqueue(backend.Id);
            return new ValueTask<ProbeResult>(ProbeResult.Healthy);
        }
    }

    private sealed class CountingRandom : Random
    {
        public int Draws { get; private set; }

        public override long NextInt64()
        {
            Draws++;
            return base.NextInt64();
        }
    }
}
