using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Policies;

/// <summary>What holds for every policy below zones: it need not know of them.</summary>
public sealed class ZonePolicyTests
{
    private const int Seed = 43;

    [Theory]
    [MemberData(nameof(PolicyCases.Names), MemberType = typeof(PolicyCases))]
    public void TryPick_EnoughInTheOwnZone_StaysInIt(string policy)
    {
        using Balancer balancer = Build(policy, "aaabbb");

        for (int i = 0; i < 300; i++)
        {
            Pick(balancer, new PickRequest { Hash = i % 2 == 0 ? XxHash64.Remix((ulong)i) : null }).Description.Locality.Zone.ShouldBe("a");
        }
    }

    [Theory]
    [MemberData(nameof(PolicyCases.Names), MemberType = typeof(PolicyCases))]
    public void TryPick_TooFewInTheOwnZone_Spills(string policy)
    {
        using Balancer balancer = Build(policy, "abbbbb");
        int[] zones = new int[2];
        for (int i = 0; i < 6_000; i++)
        {
            zones[Pick(balancer, new PickRequest { Hash = XxHash64.Remix((ulong)i) }).Description.Locality.Zone == "a" ? 0 : 1]++;
        }

        zones.ShouldFollow(1, 2);
    }

    [Theory]
    [MemberData(nameof(PolicyCases.Names), MemberType = typeof(PolicyCases))]
    public void TryPick_BackendsComeAndGo_PicksOnlyEligibleOnes(string policy)
    {
        using Balancer balancer = Build(policy, "aabbbbcc");
        Random random = new(Seed);
        for (int i = 0; i < 300; i++)
        {
            BackendState changed = balancer.Backends[random.Next(balancer.Backends.Count)];
            changed.SetFlag(Unavailability.ProbeFailed, random.Next(2) == 0 && balancer.Backends.Count(backend => backend.Unavailability == Unavailability.None) > 2);
            for (int pick = 0; pick < 5; pick++)
            {
                Pick(balancer, new PickRequest { Hash = (ulong)random.NextInt64() }).Unavailability.ShouldBe(Unavailability.None);
            }
        }
    }

    [Theory]
    [MemberData(nameof(PolicyCases.Names), MemberType = typeof(PolicyCases))]
    public void TryPick_SomeExcluded_AvoidsThemWhileAnotherIsLeft(string policy)
    {
        using Balancer balancer = Build(policy, "abbbbb");
        BackendSet set = balancer.Backends;
        for (int i = 0; i < 200; i++)
        {
            PickRequest request = new() { Hash = XxHash64.Remix((ulong)i), Excluded = Pools.Exclude(set.Where((_, index) => index != i % set.Count)) };

            Pick(balancer, request).ShouldBe(set[i % set.Count]);
        }
    }

    private static Balancer Build(string policy, string zones) =>
        new BalancerBuilder("orders")
            .AddBackends(zones.Select((zone, index) => Pools.Describe(index) with { Locality = new Locality(zone: zone.ToString()) }))
            .UsePolicy(PolicyCases.Create(policy)).UseRandom(new Random(Seed)).UseTimeProvider(new FakeTimeProvider())
            .UseLocality(new Locality(zone: "a")).UseZoneAwareRouting(options => options.MinBackends = 2).Build();

    private static BackendState Pick(Balancer balancer, in PickRequest request)
    {
        balancer.TryPick(request, out BackendLease lease).ShouldBeTrue();
        lease.Complete(Outcome.Succeeded);
        return lease.Backend;
    }
}
