using System.Runtime.CompilerServices;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Policies;

/// <summary>What a policy remembers of a pool, here a priority tier, lasts as long as the pool.</summary>
public sealed class PoolMemoryTests
{
    private const int Seed = 5;

    [Theory]
    [MemberData(nameof(PolicyCases.Names), MemberType = typeof(PolicyCases))]
    public void Update_TierGone_ForgetsItsBackends(string policy)
    {
        Reconciled balancer = new(PolicyCases.Create(policy), random: new Random(Seed));

        WeakReference[] gone = UseAndRemoveTheSecondTier(balancer);
        for (int i = 0; i < 100 && Array.Exists(gone, reference => reference.IsAlive); i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        gone.ShouldAllBe(reference => !reference.IsAlive);
        GC.KeepAlive(balancer);
    }

    [Theory]
    [MemberData(nameof(PolicyCases.Names), MemberType = typeof(PolicyCases))]
    public void Update_TierBack_IsPickedFromAgain(string policy)
    {
        Reconciled balancer = new(PolicyCases.Create(policy), random: new Random(Seed));
        UseAndRemoveTheSecondTier(balancer);
        PickTiers(balancer).ShouldBe([0]);

        balancer.Update(TwoTiers());

        PickTiers(balancer).ShouldBe([0, 1]);
    }

    [Theory]
    [InlineData("round_robin")]
    [InlineData("weighted_round_robin")]
    public void Update_TierGoneAndBack_StartsAtAnotherRandomPlace(string policy)
    {
        CountingRandom random = new();
        Reconciled balancer = new(PolicyCases.Create(policy), random: random);
        Use(balancer, TwoTiers());
        balancer.Update(TwoTiers());
        int before = random.Starts;

        balancer["b3"].SetFlag(Unavailability.ProbeFailed, true);
        random.Starts.ShouldBe(before);
        balancer.Update(FirstTier());
        balancer.Update(TwoTiers());

        random.Starts.ShouldBe(before + 1);
    }

    /// <summary>A tier that has no load now is still there: its table, its position wait for it.</summary>
    [Fact]
    public void Update_TierWithoutLoad_IsRemembered()
    {
        CountingRandom random = new();
        Reconciled balancer = new(new RoundRobinPolicy(), random: random);
        Use(balancer, TwoTiers());
        int before = random.Starts;

        balancer["b0"].SetFlag(Unavailability.ProbeFailed, false);
        PickTiers(balancer).ShouldBe([0]);
        balancer["b0"].SetFlag(Unavailability.ProbeFailed, true);

        PickTiers(balancer).ShouldBe([0, 1]);
        random.Starts.ShouldBe(before);
    }

    private static Backend[] FirstTier() => Pools.DescribeMany(2);

    private static Backend[] TwoTiers() => [.. FirstTier(), .. Enumerable.Range(2, 3).Select(index => Pools.Describe(index, 1 + (index / 7.0)) with { Priority = 1 })];

    /// <summary>With half of the first tier failing, the second one takes 30 %.</summary>
    private static void Use(Reconciled balancer, Backend[] backends)
    {
        balancer.Update(backends);
        balancer["b0"].SetFlag(Unavailability.ProbeFailed, true);
        PickTiers(balancer).ShouldBe([0, 1]);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference[] UseAndRemoveTheSecondTier(Reconciled balancer)
    {
        Use(balancer, TwoTiers());
        WeakReference[] gone = [.. balancer.Current.Backends.Where(backend => backend.Description.Priority == 1).Select(backend => new WeakReference(backend))];
        gone.Length.ShouldBe(3);
        balancer.Update(FirstTier());

        // Those that left are looked at again at the next update, and let go if nothing is in flight on them.
        balancer.Update(FirstTier());
        return gone;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IEnumerable<int> PickTiers(Reconciled balancer)
    {
        SortedSet<int> tiers = [];
        for (int i = 0; i < 200; i++)
        {
            BackendState backend = balancer.Pick(i % 2 == 0 ? PickRequest.ForKey((ulong)i) : default).ShouldNotBeNull();
            tiers.Add(backend.Description.Priority);
            backend.Release();
        }

        return tiers;
    }

    private sealed class CountingRandom() : Random(Seed)
    {
        public int Starts { get; private set; }

        public override long NextInt64(long maxValue)
        {
            Starts++;
            return base.NextInt64(maxValue);
        }
    }
}
