using LoadBalancing.Client.Backends;

namespace LoadBalancing.Client.Tests.Balancing;

/// <summary>Who may be asked when all eligible backends were tried in vain.</summary>
public sealed class SuspectTests
{
    [Theory]
    [InlineData(Unavailability.CircuitOpen, true)]
    [InlineData(Unavailability.Ejected, true)]
    [InlineData(Unavailability.CircuitOpen | Unavailability.Ejected, true)]
    [InlineData(Unavailability.None, false)]
    [InlineData(Unavailability.ProbeFailed, false)]
    [InlineData(Unavailability.ProbeFailed | Unavailability.CircuitOpen, false)]
    [InlineData(Unavailability.Isolated | Unavailability.CircuitOpen, false)]
    [InlineData(Unavailability.Draining | Unavailability.CircuitOpen, false)]
    internal void TryPickSuspect_OneIsOut_OnlyForFailuresOfEarlierRequests(Unavailability flags, bool isPicked)
    {
        using Balancer balancer = Build(new Backend("http://10.0.0.1:80"), new Backend("http://10.0.0.2:80"));
        Set(balancer, 1, flags);

        balancer.TryPickSuspect(default(BackendExclusions).With(balancer.Backends[0]), out BackendLease lease).ShouldBe(isPicked);

        if (isPicked)
        {
            (lease.Backend.Id, lease.Reasons).ShouldBe(("10.0.0.2:80", PickReasons.FailOpen));
            lease.Complete(Outcome.Succeeded);
        }

        balancer.Backends[1].InFlight.ShouldBe(0);
    }

    [Fact]
    public void TryPickSuspect_ItsCircuitIsOpen_NeedsNoPermit()
    {
        using Balancer balancer = new BalancerBuilder("orders").AddBackends("http://10.0.0.1:80", "http://10.0.0.2:80").UsePolicy(new PickFirstPolicy()).Build();
        for (int i = 0; i < 5; i++)
        {
            balancer.TryPick(default, out BackendLease failing);
            failing.Complete(Outcome.Failed);
        }

        balancer.Backends[0].Circuit.ShouldBe(CircuitState.Open);
        balancer.TryPickSuspect(default(BackendExclusions).With(balancer.Backends[1]), out BackendLease lease).ShouldBeTrue();
        lease.Backend.ShouldBeSameAs(balancer.Backends[0]);
        balancer.Backends[0].InFlight.ShouldBe(1);
        lease.Complete(Outcome.Failed);
        balancer.Backends[0].InFlight.ShouldBe(0);
        balancer.Backends[0].Circuit.ShouldBe(CircuitState.Open);
    }

    [Fact]
    public void TryPickSuspect_TriedFullWeightlessOrFailClosed_FindsNobody()
    {
        using Balancer balancer = Build(new Backend("http://10.0.0.1:80"), new Backend("http://10.0.0.2:80") { MaxConcurrency = 1 });
        Set(balancer, 1, Unavailability.CircuitOpen);
        balancer.TryPickSuspect(default(BackendExclusions).With(balancer.Backends[1]), out _).ShouldBeFalse();
        balancer.TryPickSuspect(default, out _).ShouldBeTrue();
        balancer.TryPickSuspect(default, out _).ShouldBeFalse("it is at its cap");

        using Balancer weightless = Build(new Backend("http://10.0.0.1:80"), new Backend("http://10.0.0.2:80") { Weight = 0 });
        Set(weightless, 1, Unavailability.CircuitOpen);
        weightless.TryPickSuspect(default, out _).ShouldBeFalse();

        using Balancer closed = new BalancerBuilder("orders").AddBackends("http://10.0.0.1:80", "http://10.0.0.2:80").Configure(options => options.FailClosed = true).Build();
        Set(closed, 1, Unavailability.CircuitOpen);
        closed.TryPickSuspect(default, out _).ShouldBeFalse();
    }

    [Fact]
    public void TryPickSuspect_SeveralTiers_TheFirstThatHasOne()
    {
        using Balancer balancer = Build(new Backend("http://10.0.0.1:80") { Priority = 2 }, new Backend("http://10.0.0.2:80") { Priority = 1 }, new Backend("http://10.0.0.3:80"));
        Set(balancer, 0, Unavailability.CircuitOpen);
        Set(balancer, 1, Unavailability.CircuitOpen);

        for (int i = 0; i < 50; i++)
        {
            balancer.TryPickSuspect(default, out BackendLease lease).ShouldBeTrue();
            lease.Backend.Id.ShouldBe("10.0.0.2:80");
        }
    }

    private static Balancer Build(params Backend[] backends)
    {
        Balancer balancer = new BalancerBuilder("orders").AddBackends(backends).Build();
        balancer.Start();
        return balancer;
    }

    private static void Set(Balancer balancer, int index, Unavailability flags)
    {
        balancer.Start();
        foreach (Unavailability flag in Enum.GetValues<Unavailability>().Where(flag => flag != Unavailability.None && flags.HasFlag(flag)))
        {
            balancer.Backends[index].SetFlag(flag, true);
        }
    }
}
