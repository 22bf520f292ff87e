using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Balancing.Views;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Balancing.Views;

/// <summary>Circuits that move between a choice and its attempt.</summary>
public sealed class ViewCircuitTests : IDisposable
{
    private readonly Viewed _viewed = new(new PickFirstPolicy(), Pools.DescribeMany(2), builder => builder.UseCircuitBreaker(breaker =>
    {
        breaker.Enabled = true;
        breaker.Jitter = 0;
    }));

    public ViewCircuitTests() => _viewed.SetAll(Readiness.Ready);

    private BackendState First => _viewed["b0"];

    public void Dispose() => _viewed.Dispose();

    [Fact]
    public void Choose_OpenCircuit_IsLeftOutOfTheNextView()
    {
        Break();

        _viewed.Look().Choose(default, out ViewChoice choice).ShouldBe(ViewAnswer.Chosen);

        choice.Backend.Id.ShouldBe("b1");
    }

    /// <summary>The old view still names it, but it says itself that it takes nothing.</summary>
    [Fact]
    public void Choose_OldViewAndOpenCircuit_IsPassedOver()
    {
        Break();

        _viewed.View.Choose(default, out ViewChoice choice).ShouldBe(ViewAnswer.Chosen);

        (choice.Backend.Id, choice.Reasons).ShouldBe(("b1", PickReasons.Repicked));
    }

    [Fact]
    public void TryAcquire_OpenedMeanwhile_IsRefusedAndAcquireSpeaksOfThePast()
    {
        _viewed.View.Choose(default, out ViewChoice choice);
        Break();

        _viewed.Balancer.TryAcquire(choice, out _, out AdmissionRefusal refusal).ShouldBeFalse();
        refusal.ShouldBe(AdmissionRefusal.NoPermit);

        BackendLease lease = _viewed.Balancer.Acquire(choice);
        _viewed.Clock.Advance(TimeSpan.FromSeconds(5));
        First.Circuit.ShouldBe(CircuitState.HalfOpen);
        lease.Complete(Outcome.Failed with { ErrorType = "503" });

        First.Circuit.ShouldBe(CircuitState.HalfOpen, "it was chosen before the circuit opened");
        First.InFlight.ShouldBe(0);
    }

    [Fact]
    public void Choose_HalfOpen_OnePermitAtATime()
    {
        Break();
        _viewed.Balancer.Isolate("b1");
        _viewed.Clock.Advance(TimeSpan.FromSeconds(5));
        _viewed.Balancer.Restore("b1");
        _viewed.Look();

        // pick_first stays with the second; without it, the first is asked.
        _viewed.View.Choose(Pools.Without(_viewed["b1"]), out ViewChoice one).ShouldBe(ViewAnswer.Chosen);
        _viewed.View.Choose(Pools.Without(_viewed["b1"]), out ViewChoice other).ShouldBe(ViewAnswer.Chosen);
        (one.Backend, other.Backend).ShouldBe((First, First));

        _viewed.Balancer.TryAcquire(one, out BackendLease trial, out _).ShouldBeTrue();
        _viewed.Balancer.TryAcquire(other, out _, out AdmissionRefusal refusal).ShouldBeFalse();
        refusal.ShouldBe(AdmissionRefusal.NoPermit);
        _viewed.View.Choose(Pools.Without(_viewed["b1"]), out ViewChoice third);
        third.Backend.Id.ShouldBe("b1", "no permit is left");

        trial.Complete(Outcome.Succeeded);
        _viewed.Balancer.TryAcquire(other, out BackendLease second, out _).ShouldBeTrue();
        second.Complete(Outcome.Succeeded);
        First.Circuit.ShouldBe(CircuitState.Closed);
    }

    /// <summary>The other one is eligible, but has no connection: permits do not limit where nothing else is left.</summary>
    [Fact]
    public void Choose_OnlyTheOpenOneIsReached_IsUsedAllTheSame()
    {
        Break();
        _viewed.Set(Readiness.Failed, _viewed["b1"]);

        for (int i = 0; i < 3; i++)
        {
            _viewed.View.Choose(default, out ViewChoice choice).ShouldBe(ViewAnswer.Chosen);
            (choice.Backend, choice.Reasons).ShouldBe((First, PickReasons.FailOpen));
            _viewed.Balancer.TryAcquire(choice, out BackendLease lease, out _).ShouldBeTrue();
            lease.Reasons.ShouldBe(PickReasons.FailOpen);
        }

        First.InFlight.ShouldBe(3);
    }

    private void Break()
    {
        for (int i = 0; i < 5; i++)
        {
            First.TryAcquire(out Admission admission).ShouldBeTrue();
            First.Release();
            First.Host!.Report(First, AttemptPhases.Response | AttemptPhases.Completion, Outcome.Failed with { ErrorType = "503" }, _viewed.Clock.GetTimestamp(), admission.Era);
        }

        First.Circuit.ShouldBe(CircuitState.Open);
    }
}
