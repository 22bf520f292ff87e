using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Balancing;

public sealed class ExplainTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Explain_EveryKindOfObstacle_ReadsAsVerified()
    {
        Backend[] backends =
        [
            .. Pools.DescribeMany(9),
            Pools.Describe(9, weight: 0),
            Pools.Describe(10, weight: 2.5) with { Id = "with-a-long-name", MaxConcurrency = 2 },
        ];
        using Balancer balancer = new BalancerBuilder("orders").UseTimeProvider(_clock).AddBackends(backends).Build();
        BackendSet states = balancer.Backends;
        states[1].SetFlag(Unavailability.ProbeFailed, true);
        states[2].SetFlag(Unavailability.Ejected, true);
        states[3].SetFlag(Unavailability.CircuitOpen, true);
        balancer.Isolate("b4");
        _ = balancer.DrainAsync("b5", TimeSpan.Zero);
        balancer.Isolate("b5");
        states[6].Occupy(3);
        states[10].Occupy(2);

        Verified.Match(balancer.Explain(new PickRequest { Hash = 4711, Excluded = Pools.Exclude(states[7]) }).ToString());
    }

    [Fact]
    public void Explain_FailOpen_ReadsAsVerified()
    {
        using Balancer balancer = new BalancerBuilder("orders").UseTimeProvider(_clock).AddBackends([.. Pools.DescribeMany(4), Pools.Describe(4, weight: 0)]).UsePolicy(new RandomPolicy()).Build();
        BackendSet states = balancer.Backends;
        states[0].SetFlag(Unavailability.ProbeFailed, true);
        states[1].SetFlag(Unavailability.CircuitOpen, true);
        states[2].SetFlag(Unavailability.Ejected, true);
        balancer.Isolate("b3");

        Verified.Match(balancer.Explain(default).ToString());
    }

    [Fact]
    public void Explain_Tiers_ReadsAsVerified()
    {
        Backend[] backends = [.. Enumerable.Range(0, 6).Select(index => Pools.Describe(index) with { Priority = index / 2 })];
        using Balancer balancer = new BalancerBuilder("orders").UseTimeProvider(_clock).AddBackends(backends).Build();
        balancer.Backends[0].SetFlag(Unavailability.ProbeFailed, true);

        Verified.Match(balancer.Explain(default).ToString());
    }

    [Fact]
    public void Explain_NoBackends_ReadsAsVerified()
    {
        using Balancer balancer = new BalancerBuilder("orders").UseTimeProvider(_clock).AddBackends(Array.Empty<Backend>()).Build();

        Verified.Match(balancer.Explain(default).ToString());
    }

    [Fact]
    public void Explain_AskedOften_ChangesNothing()
    {
        using Balancer balancer = new BalancerBuilder("orders").UseTimeProvider(_clock).AddBackends(Pools.DescribeMany(3)).UsePolicy(new RoundRobinPolicy()).UseRandom(new Random(1)).Build();
        balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
        int next = (balancer.Backends.Index().First(item => item.Item == lease.Backend).Index + 1) % 3;

        PickExplanation[] explanations = [.. Enumerable.Range(0, 5).Select(_ => balancer.Explain(default))];

        explanations.Select(explanation => explanation.ToString()).Distinct(StringComparer.Ordinal).Count().ShouldBe(1);
        explanations[0].Backends[next].Detail.ShouldBe("in 0 turns");
        balancer.TryPick(default, out BackendLease after).ShouldBeTrue();
        after.Backend.ShouldBe(balancer.Backends[next]);
        balancer.Backends.Sum(backend => backend.InFlight).ShouldBe(2);
    }
}
