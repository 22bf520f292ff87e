using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Balancing.Views;
using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Balancing.Views;

/// <summary>Who is chosen in a view, and what somebody is told who finds nobody.</summary>
public sealed class BalancerViewTests
{
    /// <summary>Otherwise the stand-by, which happens to answer first, would get the first streams, and keep them.</summary>
    [Fact]
    public void Choose_FirstTierStillConnecting_WaitsForIt()
    {
        using Viewed viewed = Tiers(2, 2);
        viewed.Set(Readiness.Ready, viewed["b2"], viewed["b3"]);

        viewed.View.Choose(default, out _).ShouldBe(ViewAnswer.Later);
        viewed.View.Outlook.ShouldBe(ViewAnswer.Later);

        viewed.Set(Readiness.Ready, viewed["b1"]);
        viewed.CountChoices(100).ShouldBe([0, 100, 0, 0]);
        viewed.View.Outlook.ShouldBe(ViewAnswer.Chosen);
    }

    [Fact]
    public void Choose_FirstTierCannotBeReached_TakesTheSecondAndSaysSo()
    {
        using Viewed viewed = Tiers(2, 2);
        viewed.SetAll(Readiness.Ready);
        viewed.Set(Readiness.Failed, viewed["b0"], viewed["b1"]);

        viewed.CountChoices(1_000).ShouldFollow([0, 0, 1, 1]);

        using BackendLeaseScope lease = new(viewed.Pick());
        lease.Reasons.ShouldBe(PickReasons.SpilledTier);
    }

    /// <summary>1 of 4 that cannot be reached takes nothing from the tier, 2 of 4 take 30 %: as health does.</summary>
    [Fact]
    public void Choose_SomeOfATierCannotBeReached_SpillsAsHealthDoes()
    {
        using Viewed viewed = Tiers(4, 1);
        viewed.SetAll(Readiness.Ready);

        viewed.Set(Readiness.Failed, viewed["b0"]);
        viewed.CountChoices(2_000).ShouldFollow([0, 1, 1, 1, 0]);

        viewed.Set(Readiness.Failed, viewed["b1"]);
        viewed.CountChoices(4_000).ShouldFollow([0, 0, 35, 35, 30]);
    }

    [Fact]
    public void Choose_SpillGoesToATierThatStillConnects_StaysAtHome()
    {
        using Viewed viewed = Tiers(4, 2);
        viewed["b0"].SetFlag(Unavailability.Ejected, true);
        viewed["b1"].SetFlag(Unavailability.Ejected, true);
        viewed.Set(Readiness.Ready, viewed.Balancer.Backends.Take(4));

        viewed.CountChoices(2_000).ShouldFollow([0, 0, 1, 1, 0, 0]);

        viewed.SetAll(Readiness.Ready);
        viewed.CountChoices(4_000).ShouldFollow([0, 0, 35, 35, 15, 15]);
    }

    [Fact]
    public void Choose_PartOfTheLoadWaits_TheRestIsServed()
    {
        using Viewed viewed = Tiers(4, 1);
        viewed["b0"].SetFlag(Unavailability.Ejected, true);
        viewed["b1"].SetFlag(Unavailability.Ejected, true);
        viewed.Set(Readiness.Ready, viewed["b4"]);
        viewed.View.Outlook.ShouldBe(ViewAnswer.Chosen);

        int[] counts = Shares.CountDraws(4_000, 2, () => viewed.View.Choose(default, out _) == ViewAnswer.Later ? 0 : 1);

        counts.ShouldFollow([70, 30]);
    }

    [Fact]
    public void Choose_NobodyEligibleIsReached_UsesWhoIsReachedAndSaysSo()
    {
        using Viewed viewed = Tiers(4);
        viewed.Set(Readiness.Ready, viewed["b2"], viewed["b3"]);
        viewed.Set(Readiness.Failed, viewed["b0"], viewed["b1"]);
        viewed["b2"].SetFlag(Unavailability.Ejected, true);
        viewed["b3"].SetFlag(Unavailability.ProbeFailed, true);
        viewed.Look();

        viewed.CountChoices(1_000).ShouldFollow([0, 0, 1, 1]);
        using BackendLeaseScope lease = new(viewed.Pick());

        lease.Reasons.ShouldBe(PickReasons.FailOpen);
        viewed["b2"].StandingReasons.ShouldBe(PickReasons.None, "the balancer does not panic");
    }

    [Fact]
    public void Choose_EligibleOneStillConnects_WaitsInsteadOfPanicking()
    {
        using Viewed viewed = Tiers(2);
        viewed["b1"].SetFlag(Unavailability.Ejected, true);
        viewed.Set(Readiness.Ready, viewed["b1"]);

        viewed.View.Choose(default, out _).ShouldBe(ViewAnswer.Later);

        viewed.Set(Readiness.Failed, viewed["b0"]);
        viewed.CountChoices(10).ShouldBe([0, 10]);
    }

    [Fact]
    public void Choose_NobodyIsReached_IsNobodyOnceNobodyConnects()
    {
        using Viewed viewed = Tiers(2);
        viewed.View.Choose(default, out ViewChoice none).ShouldBe(ViewAnswer.Later);
        none.ShouldBe(default);

        viewed.SetAll(Readiness.Failed);
        viewed.View.Choose(default, out _).ShouldBe(ViewAnswer.Nobody);
        viewed.View.Outlook.ShouldBe(ViewAnswer.Nobody);

        viewed["b0"].SetFlag(Unavailability.Ejected, true);
        viewed.Set(Readiness.Pending, viewed["b0"]);
        viewed.View.Choose(default, out _).ShouldBe(ViewAnswer.Later, "in a panic it will do");
    }

    [Fact]
    public void Choose_FailClosed_NeverUsesWhatIsNotEligible()
    {
        using Viewed viewed = new(new RandomPolicy(), Pools.DescribeMany(3), builder => builder.Configure(options => options.FailClosed = true));
        viewed.Set(Readiness.Ready, viewed["b0"]);
        viewed.Set(Readiness.Failed, viewed["b1"]);
        viewed["b0"].SetFlag(Unavailability.Ejected, true);
        viewed["b2"].SetFlag(Unavailability.Ejected, true);

        viewed.Look().Choose(default, out _).ShouldBe(ViewAnswer.Nobody);
    }

    [Fact]
    public void Choose_DeliberateOnes_AreOutOfBothSides()
    {
        using Viewed viewed = Tiers(4, 1);
        viewed.SetAll(Readiness.Ready);
        viewed.Balancer.Isolate("b0");
        viewed.Balancer.Isolate("b1");

        viewed.Look();

        viewed.CountChoices(1_000).ShouldFollow([0, 0, 1, 1, 0]);
    }

    [Fact]
    public void Choose_SlowStart_HasTheWeightsOfTheSnapshot()
    {
        using Viewed viewed = new(new RandomPolicy(), Pools.DescribeMany(4), builder => builder.UseSlowStart());
        viewed["b1"].SetFlag(Unavailability.Ejected, true);
        viewed["b1"].SetFlag(Unavailability.Ejected, false);
        viewed.Clock.Advance(TimeSpan.FromSeconds(6));
        viewed.SetAll(Readiness.Ready);
        viewed.Set(Readiness.Failed, viewed["b0"]);

        double[] weights = viewed.View.Backends.EligibleWeights.ToArray();

        weights.ShouldBe(viewed.Balancer.Backends.EligibleWeights[1..].ToArray());
        weights[0].ShouldBe(0.2, 1e-9);
    }

    [Fact]
    public void Choose_AtItsCap_IsPassedOver()
    {
        using Viewed viewed = new(new PickFirstPolicy(), [Pools.Describe(0) with { MaxConcurrency = 1 }, Pools.Describe(1) with { MaxConcurrency = 1 }, Pools.Describe(2)]);
        viewed.Set(Readiness.Ready, viewed["b0"], viewed["b1"]);

        viewed.Pick().Backend.Id.ShouldBe("b0");
        BackendLease second = viewed.Pick();
        (second.Backend.Id, second.Reasons).ShouldBe(("b1", PickReasons.Repicked));

        viewed.View.Choose(default, out _).ShouldBe(ViewAnswer.Full, "though another one is connecting");
        second.Complete(Outcome.Succeeded);
        viewed.Pick().Backend.Id.ShouldBe("b1");
    }

    [Fact]
    public void Choose_Excluded_IsUsedOnlyWhenNothingElseIsReached()
    {
        using Viewed viewed = Tiers(3);
        viewed.Set(Readiness.Ready, viewed["b0"], viewed["b1"]);
        PickRequest without = Pools.Without(viewed["b0"]);

        viewed.CountChoices(50, _ => without).ShouldBe([0, 50, 0]);

        viewed.Set(Readiness.Failed, viewed["b1"]);
        viewed.View.Choose(without, out ViewChoice choice).ShouldBe(ViewAnswer.Chosen);
        (choice.Backend.Id, choice.Reasons).ShouldBe(("b0", PickReasons.ExcludedReused));
    }

    [Fact]
    public void Choose_HashPolicyWithoutAHash_IsMarked()
    {
        using Viewed viewed = new(new MaglevPolicy(), Pools.DescribeMany(2));
        viewed.SetAll(Readiness.Ready);

        viewed.View.Choose(default, out ViewChoice choice);
        viewed.View.Choose(PickRequest.ForKey("a"), out ViewChoice hashed);

        (choice.Reasons, hashed.Reasons).ShouldBe((PickReasons.NoHash, PickReasons.None));
    }

    [Fact]
    public void Choose_OldView_StaysAsItIsAndSaysThatItIsOutOfDate()
    {
        using Viewed viewed = Tiers(2);
        BalancerView old = viewed.SetAll(Readiness.Ready);
        old.IsOutdated.ShouldBeFalse();

        viewed["b0"].SetFlag(Unavailability.Ejected, true);
        BalancerView later = viewed.Look();

        (old.IsOutdated, later.IsOutdated).ShouldBe((true, false));
        (old.Backends.Eligible.Length, later.Backends.Eligible.Length).ShouldBe((2, 1));
    }

    /// <summary>All in it drain, because they are gone: those who would take their place are in a view that is not made yet.</summary>
    [Fact]
    public async Task Choose_OldViewOfWhatIsGone_IsToldToWait()
    {
        ManualSource source = new();
        using Viewed viewed = new(new RandomPolicy(), [], builder => builder.AddSource(source));
        viewed.View.Choose(default, out _).ShouldBe(ViewAnswer.Later, "discovery has not answered");
        await source.PublishAsync(Pools.Describe(0));
        BalancerView old = viewed.SetAll(Readiness.Ready);

        await source.PublishAsync(Pools.Describe(1));

        old.Choose(default, out _).ShouldBe(ViewAnswer.Later);
    }

    [Fact]
    public async Task Choose_DiscoveryAnswersWithNothing_IsNobody()
    {
        ManualSource source = new();
        using Viewed viewed = new(new RandomPolicy(), [], builder => builder.AddSource(source));

        await source.PublishAsync();

        viewed.Look().Choose(default, out _).ShouldBe(ViewAnswer.Nobody);
    }

    [Fact]
    public void Choose_NotProbedYet_IsToldToWait()
    {
        using Viewed viewed = new(new RandomPolicy(), Pools.DescribeMany(2), builder => builder.UseActiveHealthChecks(probe =>
        {
            probe.InitiallyHealthy = false;
            probe.Probe = new SilentProbe();
        }));
        viewed.SetAll(Readiness.Ready);

        viewed.View.Choose(default, out _).ShouldBe(ViewAnswer.Later);
    }

    [Fact]
    public void TryAcquire_CapReachedMeanwhile_IsRefusedAndAcquireIsNot()
    {
        using Viewed viewed = new(new RandomPolicy(), [Pools.Describe(0) with { MaxConcurrency = 1 }]);
        viewed.SetAll(Readiness.Ready);
        viewed.View.Choose(default, out ViewChoice first);
        viewed.View.Choose(default, out ViewChoice second).ShouldBe(ViewAnswer.Chosen, "a choice counts nothing");

        viewed.Balancer.TryAcquire(first, out BackendLease lease, out AdmissionRefusal none).ShouldBeTrue();
        viewed.Balancer.TryAcquire(second, out BackendLease refused, out AdmissionRefusal refusal).ShouldBeFalse();
        BackendLease anyway = viewed.Balancer.Acquire(second);

        (none, refusal, refused).ShouldBe((AdmissionRefusal.None, AdmissionRefusal.AtCap, default));
        viewed["b0"].InFlight.ShouldBe(2);
        lease.Complete(Outcome.Succeeded);
        anyway.Complete(Outcome.Succeeded);
        viewed["b0"].InFlight.ShouldBe(0);
    }

    [Fact]
    public void TryAcquire_IsolatedMeanwhile_IsRefused()
    {
        using Viewed viewed = Tiers(2);
        viewed.SetAll(Readiness.Ready);
        viewed.View.Choose(default, out ViewChoice choice);

        viewed.Balancer.Isolate(choice.Backend.Id);

        viewed.Balancer.TryAcquire(choice, out _, out AdmissionRefusal refusal).ShouldBeFalse();
        refusal.ShouldBe(AdmissionRefusal.Stopped);
        choice.Backend.InFlight.ShouldBe(0);
    }

    [Fact]
    public void Disposed_EverythingThrows()
    {
        Viewed viewed = Tiers(2);
        viewed.SetAll(Readiness.Ready);
        viewed.View.Choose(default, out ViewChoice choice);
        BalancerView none = viewed.SetAll(Readiness.Failed);
        viewed.Balancer.Dispose();

        Should.Throw<ObjectDisposedException>(() => viewed.Look());
        Should.Throw<ObjectDisposedException>(() => none.Choose(default, out _));
        Should.Throw<ObjectDisposedException>(() => viewed.Balancer.TryAcquire(choice, out _, out _));
        Should.Throw<ObjectDisposedException>(() => viewed.Balancer.Acquire(choice));
        Should.Throw<ObjectDisposedException>(() => viewed.Balancer.OpenViews(() => { }));
        choice.Backend.InFlight.ShouldBe(0);
    }

    /// <summary>Backends of equal weight in tiers of these sizes.</summary>
    private static Viewed Tiers(params int[] sizes)
    {
        int tier = 0;
        int left = sizes[0];
        List<Backend> backends = [];
        for (int i = 0; i < sizes.Sum(); i++)
        {
            while (left == 0)
            {
                left = sizes[++tier];
            }

            left--;
            backends.Add(Pools.Describe(i) with { Priority = tier });
        }

        return new Viewed(new RandomPolicy(), backends);
    }

    /// <summary>Completes the attempt in the end.</summary>
    private readonly struct BackendLeaseScope(BackendLease lease) : IDisposable
    {
        public PickReasons Reasons => lease.Reasons;

        public void Dispose() => lease.Complete(Outcome.Succeeded);
    }

    private sealed class SilentProbe : IHealthProbe
    {
        public async ValueTask<ProbeResult> CheckAsync(Backend backend, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return ProbeResult.Healthy;
        }
    }
}
