using LoadBalancing.Client.Tests.Fixtures;
using LoadBalancing.Client.Tests.Policies.Sampling;

namespace LoadBalancing.Client.Tests.Policies;

/// <summary>What holds for every policy, pick by pick: eligibility, exclusions, pool sizes, weights, and no allocation.</summary>
public sealed class PolicyConformanceTests
{
    private const int Seed = 41;

    public static TheoryData<string, string> PoliciesAndWeights => PolicyCases.With(WeightCases.AllNames);

    public static TheoryData<string, int> PoliciesAndExclusions => PolicyCases.With(Enumerable.Range(1, 6));

    [Theory]
    [MemberData(nameof(PolicyCases.Names), MemberType = typeof(PolicyCases))]
    public void Pick_NoBackends_IsNone(string policy)
    {
        Picker picker = PolicyCases.Create(policy).CreatePicker(BackendSet.Empty, new Random(Seed));

        picker.Pick(default).ShouldBeNull();
        picker.Pick(new PickRequest { Hash = 4711 }).ShouldBeNull();
        picker.Pick(Pools.Without(Pools.Set(1))).ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(PolicyCases.Names), MemberType = typeof(PolicyCases))]
    public void Pick_OneBackend_IsAlwaysIt(string policy)
    {
        BackendSet set = Pools.Set(0.5);
        Picker picker = PolicyCases.Create(policy).CreatePicker(set, new Random(Seed));

        for (int i = 0; i < 100; i++)
        {
            picker.Pick(new PickRequest { Hash = (ulong)i }).ShouldBe(set[0]);
            picker.Pick(Pools.Without(set[0])).ShouldBe(set[0]);
        }
    }

    [Theory]
    [MemberData(nameof(PolicyCases.Names), MemberType = typeof(PolicyCases))]
    public void Pick_SomeIneligible_NeverPicksThem(string policy)
    {
        foreach (int count in (int[])[2, 3, 10, 1000])
        {
            BackendState[] all = [.. Pools.DescribeMany(count).Select(description => new BackendState(description))];
            BackendState[] eligible = [.. all.Where((_, index) => index % 2 == 1)];
            BackendSet set = new(all, eligible, Array.ConvertAll(eligible, _ => 1.0));
            Picker picker = PolicyCases.Create(policy).CreatePicker(set, new Random(Seed));

            for (int i = 0; i < 2_000; i++)
            {
                eligible.ShouldContain(picker.Pick(new PickRequest { Hash = XxHash64.Remix((ulong)i) }).ShouldNotBeNull());
            }
        }
    }

    [Theory]
    [MemberData(nameof(PoliciesAndWeights))]
    public void Pick_AnyWeights_PicksOneOfTheSet(string policy, string weights)
    {
        BackendSet set = Pools.Set(WeightCases.Of(weights));
        Picker picker = PolicyCases.Create(policy).CreatePicker(set, new Random(Seed));

        for (int i = 0; i < 1_000; i++)
        {
            PickRequest request = new() { Hash = XxHash64.Remix((ulong)i), Excluded = i % 3 == 0 ? Pools.Exclude(set[i % set.Count]) : default };
            BackendState picked = picker.Pick(request).ShouldNotBeNull();
            set.ShouldContain(picked);
            (set.Count > 1 && request.Excluded.Contains(picked)).ShouldBeFalse();
            if (i % 2 == 0)
            {
                picked.Occupy(1);
            }
        }
    }

    [Theory]
    [MemberData(nameof(PoliciesAndExclusions))]
    public void Pick_SomeExcluded_AvoidsThemWhileAnotherIsLeft(string policy, int exclusions)
    {
        foreach (int count in (int[])[exclusions + 1, exclusions + 2, 10, 100])
        {
            BackendSet set = Pools.Set([.. Enumerable.Range(1, count).Select(index => 1.0 + (index % 3))]);
            Picker picker = PolicyCases.Create(policy).CreatePicker(set, new Random(Seed));
            for (int i = 0; i < 300; i++)
            {
                PickRequest request = new() { Hash = XxHash64.Remix((ulong)i), Excluded = Pools.Exclude(Enumerable.Range(i, exclusions).Select(index => set[index % count])) };

                request.Excluded.Contains(picker.Pick(request).ShouldNotBeNull()).ShouldBeFalse();
            }
        }
    }

    [Theory]
    [MemberData(nameof(PoliciesAndExclusions))]
    public void Pick_AllExcluded_PicksAllTheSame(string policy, int count)
    {
        BackendSet set = Pools.Set([.. Enumerable.Range(1, count).Select(index => (double)index)]);
        Picker picker = PolicyCases.Create(policy).CreatePicker(set, new Random(Seed));

        for (int i = 0; i < 100; i++)
        {
            set.ShouldContain(picker.Pick(Pools.Without(set)).ShouldNotBeNull());
        }
    }

    [Theory]
    [MemberData(nameof(PoliciesAndExclusions))]
    public void TryPick_SomeExcluded_AvoidsThemWhileAnotherIsLeft(string policy, int exclusions)
    {
        using Balancer balancer = Build(policy, Pools.DescribeMany(exclusions + 1));
        BackendSet set = balancer.Backends;
        for (int i = 0; i < 200; i++)
        {
            PickRequest request = new() { Excluded = Pools.Exclude(set.Where((_, index) => index != i % set.Count)) };

            balancer.TryPick(request, out BackendLease lease).ShouldBeTrue();

            lease.Backend.ShouldBe(set[i % set.Count]);
            lease.Reasons.HasFlag(PickReasons.ExcludedReused).ShouldBeFalse();
            lease.Complete(Outcome.Succeeded);
        }
    }

    [Theory]
    [MemberData(nameof(PoliciesAndExclusions))]
    public void TryPick_AllExcluded_PicksAllTheSameAndSaysSo(string policy, int count)
    {
        using Balancer balancer = Build(policy, Pools.DescribeMany(count));

        balancer.TryPick(Pools.Without(balancer.Backends), out BackendLease lease).ShouldBeTrue();

        lease.Reasons.ShouldBe(PickReasons.ExcludedReused);
        lease.Complete(default);
    }

    [Theory]
    [MemberData(nameof(PolicyCases.Names), MemberType = typeof(PolicyCases))]
    public void TryPick_ZeroWeight_IsNeverPicked(string policy)
    {
        using Balancer balancer = Build(policy, Pools.Describe(0, 1, 0, 2, 0));
        for (int i = 0; i < 1_000; i++)
        {
            balancer.TryPick(new PickRequest { Excluded = i % 2 == 0 ? default : Pools.Exclude(balancer.Backends[1]) }, out BackendLease lease).ShouldBeTrue();
            lease.Backend.Description.Weight.ShouldBeGreaterThan(0);
            lease.Complete(Outcome.Succeeded);
        }
    }

    [Theory]
    [MemberData(nameof(PolicyCases.Names), MemberType = typeof(PolicyCases))]
    public void TryPick_NoneOrAllOfZeroWeight_IsFalse(string policy)
    {
        using Balancer empty = Build(policy, []);
        using Balancer unwanted = Build(policy, Pools.Describe(0, 0, 0));

        empty.TryPick(default, out BackendLease none).ShouldBeFalse();
        unwanted.TryPick(default, out _).ShouldBeFalse();

        none.ShouldBe(default);
    }

    [Theory]
    [MemberData(nameof(PolicyCases.Names), MemberType = typeof(PolicyCases))]
    public void TryPick_AnyFlag_TakesEffectAtOnce(string policy)
    {
        foreach (Unavailability flag in Enum.GetValues<Unavailability>().Where(flag => flag != Unavailability.None))
        {
            using Balancer balancer = Build(policy, Pools.DescribeMany(4));
            BackendState first = balancer.Backends[0];
            first.SetFlag(flag, true);

            Enumerable.Range(0, 200).ShouldAllBe(_ => PickAndComplete(balancer) != first);

            first.SetFlag(flag, false);
            balancer.Backends.Eligible.Contains(first).ShouldBeTrue();
        }
    }

    [Theory]
    [MemberData(nameof(PolicyCases.Names), MemberType = typeof(PolicyCases))]
    public async Task ManualControl_IsolateDrainRestore_TakesEffectAtReturn(string policy)
    {
        using Balancer balancer = Build(policy, Pools.DescribeMany(2));

        balancer.Isolate("b0").ShouldBeTrue();
        Enumerable.Range(0, 200).ShouldAllBe(_ => PickAndComplete(balancer)!.Id == "b1");

        balancer.Restore("b0").ShouldBeTrue();
        (await balancer.DrainAsync("b1", TimeSpan.Zero)).IsDrained.ShouldBeTrue();
        Enumerable.Range(0, 200).ShouldAllBe(_ => PickAndComplete(balancer)!.Id == "b0");

        balancer.Isolate("b0").ShouldBeTrue();
        balancer.TryPick(default, out _).ShouldBeFalse();

        balancer.Restore("b1").ShouldBeTrue();
        Enumerable.Range(0, 200).ShouldAllBe(_ => PickAndComplete(balancer)!.Id == "b1");
        balancer.Isolate("unknown").ShouldBeFalse();
        balancer.Restore("unknown").ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(PolicyCases.Names), MemberType = typeof(PolicyCases))]
    public void Pick_EveryKindOfRequest_AllocatesNothing(string policy)
    {
        foreach (bool isWeighted in (bool[])[false, true])
        {
            BackendSet set = Pools.Set([.. Enumerable.Range(0, 1000).Select(index => isWeighted ? 1.0 + (index % 7) : 1)]);
            Picker picker = PolicyCases.Create(policy).CreatePicker(set, Random.Shared);
            PickRequest hashed = PickRequest.ForKey("user-4711");
            PickRequest again = Pools.Without(set.Take(2));
            PickRequest longAgain = Pools.Without(set.Take(6));

            Allocations.ShouldBeZero(20, () =>
            {
                picker.Pick(default);
                picker.Pick(hashed);
                picker.Pick(again);
                picker.Pick(longAgain);
            });
        }
    }

    [Theory]
    [MemberData(nameof(PolicyCases.Names), MemberType = typeof(PolicyCases))]
    public void TryPick_Lifecycle_AllocatesNothing(string policy)
    {
        using Balancer balancer = Build(policy, [.. Pools.DescribeMany(10), .. Enumerable.Range(10, 10).Select(index => Pools.Describe(index) with { MaxConcurrency = 10 })]);
        PickRequest again = Pools.Without(balancer.Backends.Take(2));
        Outcome slow = Outcome.Failed with { Latency = TimeSpan.FromSeconds(1), Bytes = 5, ErrorType = "500" };

        Allocations.ShouldBeZero(100, () =>
        {
            balancer.TryPick(default, out BackendLease lease);
            lease.Complete(Outcome.Succeeded);
            balancer.TryPick(again, out BackendLease other);
            other.Responded(slow);
            other.Complete(Outcome.Canceled);
        });
    }

    private static Balancer Build(string policy, Backend[] backends) =>
        new BalancerBuilder("orders").AddBackends(backends).UsePolicy(PolicyCases.Create(policy)).UseRandom(new Random(Seed)).Build();

    private static BackendState? PickAndComplete(Balancer balancer)
    {
        if (!balancer.TryPick(default, out BackendLease lease))
        {
            return null;
        }

        lease.Complete(Outcome.Succeeded);
        return lease.Backend;
    }
}
