using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Balancing;

public sealed class ReconcilerTests
{
    private readonly Reconciled _balancer = new(new RoundRobinPolicy());

    [Fact]
    public void Update_SameIdAndAddress_KeepsTheState()
    {
        _balancer.Update(Pools.Describe(0), Pools.Describe(1));
        BackendState state = _balancer["b0"];
        state.Occupy(2);

        _balancer.Update(Pools.Describe(0) with { Weight = 5, HostName = "orders" }, Pools.Describe(2));

        _balancer["b0"].ShouldBeSameAs(state);
        state.InFlight.ShouldBe(2);
        state.Description.Weight.ShouldBe(5);
        _balancer.Current.Backends.Eligible.ToArray().ShouldBe([state, _balancer["b2"]]);
        _balancer.Current.Backends.EligibleWeights.ToArray().ShouldBe([5, 1]);
    }

    [Fact]
    public void Update_SameListInAnyOrder_RebuildsNothing()
    {
        Backend[] list = [.. Pools.DescribeMany(5).Select(backend => backend with { Metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["a"] = "1" } })];
        _balancer.Update(list);
        object snapshot = _balancer.Current;

        _balancer.Update(list);
        _balancer.Update([.. list.Reverse()]);
        _balancer.Update([.. list.Select(backend => backend with { Metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["a"] = "1" } })]);

        _balancer.Current.ShouldBeSameAs(snapshot);
    }

    [Fact]
    public void Update_ManyChanges_RebuildsOnce()
    {
        _balancer.Update(Pools.DescribeMany(100));
        int before = _balancer.Published;

        _balancer.Update([.. Pools.DescribeMany(50).Select(backend => backend with { Weight = 2 }), .. Enumerable.Range(100, 50).Select(index => Pools.Describe(index))]);

        _balancer.Published.ShouldBe(before + 1);
    }

    [Fact]
    public void Update_SameIdNewAddress_StartsFreshAndDrainsTheOld()
    {
        _balancer.Update(Pools.Describe(0));
        BackendState old = _balancer["b0"];
        old.Occupy(1);

        _balancer.Update(Pools.Describe(7) with { Id = "b0" });

        BackendState fresh = _balancer["b0"];
        fresh.ShouldNotBeSameAs(old);
        fresh.InFlight.ShouldBe(0);
        old.Unavailability.ShouldBe(Unavailability.Draining);
        old.TryAcquire(out _).ShouldBeFalse();
        _balancer.Reconciler.Leaving.ShouldBe([old]);
    }

    [Fact]
    public void Update_OldAddressAgainWhileItDrains_TakesItBackAndDrainsTheOther()
    {
        _balancer.Update(Pools.Describe(0));
        BackendState first = _balancer["b0"];
        first.Occupy(1);
        _balancer.Update(Pools.Describe(7) with { Id = "b0" });
        BackendState second = _balancer["b0"];
        second.Occupy(1);

        _balancer.Update(Pools.Describe(0));

        _balancer["b0"].ShouldBeSameAs(first);
        first.Unavailability.ShouldBe(Unavailability.None);
        second.Unavailability.ShouldBe(Unavailability.Draining);
        _balancer.Reconciler.Leaving.ShouldBe([second]);
    }

    [Fact]
    public void Update_Removed_DrainsAndIsKeptUntilItsLastAttemptIsOver()
    {
        _balancer.Update(Pools.Describe(0), Pools.Describe(1));
        BackendState gone = _balancer["b0"];
        gone.Occupy(2);

        _balancer.Update(Pools.Describe(1));
        gone.Unavailability.ShouldBe(Unavailability.Draining);
        gone.TryAcquire(out _).ShouldBeFalse();
        _balancer.Current.Backends.Find("b0").ShouldBeNull();
        _balancer.Reconciler.Find("b0").ShouldBeSameAs(gone);

        gone.Release();
        _balancer.Update(Pools.Describe(1), Pools.Describe(2));
        _balancer.Reconciler.Leaving.ShouldBe([gone]);

        gone.Release();
        _balancer.Update(Pools.Describe(1));
        _balancer.Update(Pools.Describe(1));
        _balancer.Reconciler.Leaving.ShouldNotContain(gone);
        _balancer.Reconciler.Find("b0").ShouldBeNull();
    }

    [Fact]
    public void Update_AnnouncedAgainWhileItDrains_IsSimplyBackWithAllThatIsKnown()
    {
        _balancer.Update(Pools.Describe(0), Pools.Describe(1));
        BackendState state = _balancer["b0"];
        state.Occupy(1);
        state.SetFlag(Unavailability.Ejected, true);
        _balancer.Update(Pools.Describe(1));

        _balancer.Update(Pools.Describe(0) with { Weight = 3 }, Pools.Describe(1));

        _balancer["b0"].ShouldBeSameAs(state);
        state.Unavailability.ShouldBe(Unavailability.Ejected);
        state.Description.Weight.ShouldBe(3);
        state.SetFlag(Unavailability.Ejected, false);
        _balancer.Current.Backends.Eligible.Contains(state).ShouldBeTrue();
        state.TryAcquire(out _).ShouldBeTrue();
    }

    [Fact]
    public void Update_DrainedByHandThenRemovedAndBack_StaysDrained()
    {
        _balancer.Update(Pools.Describe(0), Pools.Describe(1));
        BackendState state = _balancer["b0"];
        state.Occupy(1);
        _balancer.Reconciler.SetDrained("b0", value: true, out Task idle).ShouldBeTrue();

        _balancer.Update(Pools.Describe(1));
        _balancer.Update(Pools.Describe(0), Pools.Describe(1));
        state.Unavailability.ShouldBe(Unavailability.Draining);
        idle.IsCompleted.ShouldBeFalse();

        _balancer.Reconciler.SetDrained("b0", value: false, out _).ShouldBeTrue();
        state.Unavailability.ShouldBe(Unavailability.None);
    }

    [Fact]
    public void SetDrained_EndedForARemovedOne_DoesNotBringItBack()
    {
        _balancer.Update(Pools.Describe(0), Pools.Describe(1));
        BackendState state = _balancer["b0"];
        state.Occupy(1);
        _balancer.Update(Pools.Describe(1));

        _balancer.Reconciler.SetDrained("b0", value: true, out _).ShouldBeTrue();
        _balancer.Reconciler.SetDrained("b0", value: false, out _).ShouldBeTrue();

        state.Unavailability.ShouldBe(Unavailability.Draining);
        state.TryAcquire(out _).ShouldBeFalse();
    }

    [Fact]
    public void Update_DuplicateIds_TheFirstCounts()
    {
        _balancer.Update(Pools.Describe(0), Pools.Describe(1) with { Id = "b0" }, Pools.Describe(2));

        _balancer.Current.Backends.Select(backend => backend.Id).ShouldBe(["b0", "b2"]);
        _balancer["b0"].Description.Address.ShouldBe(Pools.Describe(0).Address);
    }

    [Fact]
    public void Update_EmptyList_IsBelieved()
    {
        _balancer.Update(Pools.DescribeMany(3));

        _balancer.Update();

        _balancer.Current.Backends.ShouldBeEmpty();
        _balancer.Current.Picker.Pick(default).ShouldBeNull();
    }

    [Fact]
    public void Reconfigure_OtherPolicy_EveryBackendGetsOneObserverOfIt()
    {
        ObservingPolicy first = new();
        ObservingPolicy second = new();
        Reconciled balancer = new(first);
        balancer.Update(Pools.DescribeMany(3));
        balancer["b0"].Occupy(1);
        balancer.Update(Pools.Describe(1), Pools.Describe(2));

        balancer.Reconfigure(second, Pools.Describe(2), Pools.Describe(3));
        balancer.Update(Pools.Describe(0), Pools.Describe(2), Pools.Describe(3));

        first.Observed.ShouldBeUnique();
        second.Observed.ShouldBeUnique();
        foreach (BackendState backend in balancer.Current.Backends)
        {
            backend.Observers.ToArray().ShouldAllBe(observer => ((ObservingPolicy.Observer)observer).Owner == second);
            backend.Observers.Length.ShouldBe(1);
        }
    }

    [Fact]
    public void Reconfigure_PolicyThatRefuses_ChangesNothing()
    {
        _balancer.Update(Pools.DescribeMany(3));
        object snapshot = _balancer.Current;

        Should.Throw<ArgumentException>(() => _balancer.Reconfigure(new RefusingPolicy(), Pools.DescribeMany(3)));

        _balancer.Current.ShouldBeSameAs(snapshot);
        _balancer.Update(Pools.DescribeMany(4));
        _balancer.Current.Picker.Pick(default).ShouldNotBeNull();
    }

    /// <summary>A policy may build its pickers from what its observers remember: it has made one for every backend before it is asked for a picker.</summary>
    [Fact]
    public void Reconfigure_OtherPolicy_ObserversComeBeforeThePicker()
    {
        ObservingPolicy policy = new() { RequiresObservers = true };
        _balancer.Update(Pools.DescribeMany(3));

        _balancer.Reconfigure(policy, Pools.DescribeMany(4));

        _balancer.Current.Backends.Count.ShouldBe(4);
    }

    private sealed class RefusingPolicy : LoadBalancingPolicy
    {
        public override string Name => "refusing";

        public override PickerFactory CreateFactory(PolicyContext context) => new Factory();

        private sealed class Factory : PickerFactory
        {
            public override Picker CreatePicker(BackendSet backends) => throw new ArgumentException("Not with these.", nameof(backends));
        }
    }
}
