using LoadBalancing.Client.Balancing.Views;
using LoadBalancing.Client.Tests.Fixtures;
using LoadBalancing.Client.Tests.Policies;

namespace LoadBalancing.Client.Tests.Balancing.Views;

/// <summary>What holds for views with every policy.</summary>
public sealed class ViewConformanceTests
{
    private static readonly double[] Weights = [1, 2, 3, 0.5, 1, 2.25, 0, 1.0 / 3, 4, 1];

    public static TheoryData<string, bool> PoliciesAndZones => PolicyCases.With([false, true]);

    public static TheoryData<string> HashPolicies => [.. ((IEnumerable<string>)["ring_hash", "ring_hash, bounded loads", "maglev", "maglev, bounded loads", "rendezvous"])];

    /// <summary>With the same seed, two balancers make the same picks; here one of them through a view of everything.</summary>
    [Theory]
    [MemberData(nameof(PoliciesAndZones))]
    public void Choose_AllReady_PicksAsTheBalancerDoes(string policy, bool isZoned)
    {
        using Viewed one = new(PolicyCases.Create(policy), Spread(isZoned), Zones(isZoned));
        using Viewed other = new(PolicyCases.Create(policy), Spread(isZoned), Zones(isZoned));
        Trouble(one.Balancer);
        Trouble(other.Balancer);
        one.SetAll(Readiness.Ready);

        ShouldPickTheSame(one, other.Balancer);
    }

    /// <summary>One without a connection is for the view what one that health has taken out is for the balancer: the same picks, tiers, zones and reasons.</summary>
    [Theory]
    [MemberData(nameof(PoliciesAndZones))]
    public void Choose_SomeNotReached_PicksAsABalancerWhoseProbesFailThere(string policy, bool isZoned)
    {
        int compared = 0;
        for (int round = 0; round < 12; round++)
        {
            using Viewed one = new(PolicyCases.Create(policy), Spread(isZoned), Zones(isZoned), seed: round);
            using Viewed other = new(PolicyCases.Create(policy), Spread(isZoned), Zones(isZoned), seed: round);
            Trouble(one.Balancer);
            Trouble(other.Balancer);
            one.SetAll(Readiness.Ready);
            Random random = new(round);
            foreach (BackendState backend in one.Balancer.Backends)
            {
                if (random.Next(12) < round)
                {
                    one.Set(Readiness.Failed, backend);
                    other[backend.Id].SetFlag(Unavailability.ProbeFailed, true);
                }
            }

            // In a panic the view uses whoever is reached, and the balancer everybody.
            if (one.View.Outlook == ViewAnswer.Chosen && !one.View.Backends.Eligible.ToArray().Any(backend => backend.Unavailability != Unavailability.None))
            {
                ShouldPickTheSame(one, other.Balancer);
                compared++;
            }
        }

        compared.ShouldBeGreaterThanOrEqualTo(8);
    }

    [Theory]
    [MemberData(nameof(PolicyCases.Names), MemberType = typeof(PolicyCases))]
    public void Choose_AnySubset_NeverLeavesIt(string policy)
    {
        using Viewed viewed = new(PolicyCases.Create(policy), Spread(isZoned: false));
        Random random = new(3);
        for (int round = 0; round < 60; round++)
        {
            HashSet<BackendState> ready = [.. viewed.Balancer.Backends.Where(_ => random.Next(3) == 0)];
            viewed.SetAll(round % 2 == 0 ? Readiness.Pending : Readiness.Failed);
            viewed.Set(Readiness.Ready, ready);
            for (int i = 0; i < 40; i++)
            {
                PickRequest request = new() { Hash = i % 2 == 0 ? XxHash64.Remix((ulong)i) : null, Excluded = i % 3 == 0 && ready.Count > 0 ? Pools.Exclude(ready.First()) : default };
                if (viewed.View.Choose(request, out ViewChoice choice) == ViewAnswer.Chosen)
                {
                    ready.ShouldContain(choice.Backend);
                    choice.Backend.Description.Weight.ShouldBeGreaterThan(0);
                }
                else
                {
                    viewed.View.Outlook.ShouldNotBe(ViewAnswer.Full);
                }
            }
        }
    }

    /// <summary>What the missing ones had is shared out by weight among those that are there.</summary>
    [Theory]
    [InlineData("random")]
    [InlineData("weighted_round_robin")]
    [InlineData("least_request, 1 choice")]
    [InlineData("weighted_response_time")]
    [InlineData("ring_hash")]
    [InlineData("maglev")]
    [InlineData("rendezvous")]
    public void Choose_Subset_FollowsItsWeights(string policy)
    {
        double[] weights = [1, 2, 3, 4, 5, 6];
        using Viewed viewed = new(policy == "ring_hash" ? new RingHashPolicy { MinRingSize = 500_000 } : PolicyCases.Create(policy), Pools.Describe(weights));
        viewed.SetAll(Readiness.Ready);
        viewed.Set(Readiness.Failed, viewed["b1"], viewed["b4"]);

        int[] counts = viewed.CountChoices(20_000, i => default);

        counts.ShouldFollow([1, 0, 3, 4, 0, 6]);
    }

    /// <summary>A connection that comes or goes moves no key of another backend.</summary>
    [Theory]
    [MemberData(nameof(HashPolicies))]
    public void Choose_ByHash_KeysOfReadyBackendsStay(string policy)
    {
        using Viewed viewed = new(PolicyCases.Create(policy), Pools.DescribeMany(20));
        viewed.SetAll(Readiness.Ready);
        ulong[] keys = [.. Enumerable.Range(0, 2_000).Select(index => XxHash64.Remix((ulong)index))];
        BackendState[] owners = Array.ConvertAll(keys, key => Owner(viewed, key));

        viewed.Set(Readiness.Failed, viewed["b3"], viewed["b7"]);
        viewed.Set(Readiness.Pending, viewed["b11"]);

        int moved = 0;
        for (int i = 0; i < keys.Length; i++)
        {
            BackendState now = Owner(viewed, keys[i]);
            if (owners[i].Id is "b3" or "b7" or "b11")
            {
                now.Id.ShouldNotBeOneOf("b3", "b7", "b11");
                moved++;
            }
            else
            {
                now.ShouldBe(owners[i]);
            }
        }

        moved.ShouldBeGreaterThan(0);
    }

    [Theory]
    [MemberData(nameof(PolicyCases.Names), MemberType = typeof(PolicyCases))]
    public void Choose_AnyView_AllocatesNothing(string policy)
    {
        using Viewed viewed = new(PolicyCases.Create(policy), Spread(isZoned: false));
        viewed.SetAll(Readiness.Ready);
        viewed.Set(Readiness.Failed, viewed["b0"]);
        PickRequest hashed = PickRequest.ForKey("user-4711");
        PickRequest again = Pools.Without(viewed["b1"], viewed["b2"]);

        Allocations.ShouldBeZero(20, () =>
        {
            PickAndComplete(viewed, default);
            PickAndComplete(viewed, hashed);
            PickAndComplete(viewed, again);
        });

        static void PickAndComplete(Viewed viewed, in PickRequest request)
        {
            if (viewed.View.Choose(request, out ViewChoice choice) != ViewAnswer.Chosen || !viewed.Balancer.TryAcquire(choice, out BackendLease lease, out _))
            {
                throw new InvalidOperationException("Nobody was chosen.");
            }

            lease.Complete(Outcome.Succeeded);
        }
    }

    /// <summary>Three tiers, weights of every kind, and, if wanted, three zones.</summary>
    private static Backend[] Spread(bool isZoned) =>
        [.. Enumerable.Range(0, 30).Select(index => Pools.Describe(index, Weights[index % Weights.Length]) with
        {
            Priority = index < 14 ? 0 : index < 24 ? 1 : 2,
            Locality = isZoned ? new Locality("eu", $"z{index % 3}") : default,
        })];

    private static Action<BalancerBuilder>? Zones(bool isZoned) =>
        isZoned ? builder => builder.UseZoneAwareRouting().UseLocality(new Locality("eu", "z1")) : null;

    /// <summary>Some of the first tier are out, so that the second one has load, too.</summary>
    private static void Trouble(Balancer balancer)
    {
        foreach (string id in (string[])["b0", "b2", "b4", "b5", "b8"])
        {
            balancer.Backends.Find(id).ShouldNotBeNull().SetFlag(Unavailability.Ejected, true);
        }
    }

    private static BackendState Owner(Viewed viewed, ulong key)
    {
        viewed.View.Choose(new PickRequest { Hash = key }, out ViewChoice choice).ShouldBe(ViewAnswer.Chosen);
        return choice.Backend;
    }

    private static void ShouldPickTheSame(Viewed viewed, Balancer balancer)
    {
        Queue<(BackendLease One, BackendLease Other)> held = [];
        for (int i = 0; i < 300; i++)
        {
            PickRequest request = i % 2 == 0 ? default : new PickRequest { Hash = XxHash64.Remix((ulong)i) };
            BackendLease one = viewed.Pick(request);
            balancer.TryPick(request, out BackendLease other).ShouldBeTrue();

            (one.Backend.Id, one.Reasons).ShouldBe((other.Backend.Id, other.Reasons), $"pick {i}");
            held.Enqueue((one, other));
            if (held.Count > 10)
            {
                (BackendLease first, BackendLease second) = held.Dequeue();
                Outcome outcome = Outcome.Succeeded with { Latency = TimeSpan.FromMilliseconds(1 + (i % 7)), Bytes = i * 10 };
                first.Complete(outcome);
                second.Complete(outcome);
            }
        }
    }
}
