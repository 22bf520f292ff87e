using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Backends;

/// <summary>Who waits for room is told of it, and nobody else.</summary>
public sealed class RoomSignalTests
{
    [Fact]
    public void Complete_BackendWithACap_RaisesTheSignal()
    {
        using Balancer balancer = Build(cap: 2);
        balancer.TryPick(default, out BackendLease lease);
        Task room = balancer.Room.Arm();

        lease.Complete(Outcome.Succeeded);

        room.IsCompletedSuccessfully.ShouldBeTrue();
        balancer.Room.Arm().IsCompleted.ShouldBeFalse("who comes later is not told of what was before");
    }

    [Fact]
    public void Complete_BackendWithoutACap_RaisesNothing()
    {
        using Balancer balancer = Build(cap: null);
        balancer.TryPick(default, out BackendLease lease);
        Task room = balancer.Room.Arm();

        lease.Complete(Outcome.Succeeded);

        room.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public void Isolate_AnyBackend_RaisesTheSignal()
    {
        using Balancer balancer = Build(cap: null);
        Task room = balancer.Room.Arm();

        balancer.Isolate("10.0.0.1:80");

        room.IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public async Task PickAsync_AllAtTheirCaps_SaysThatItIsSaturated()
    {
        using Balancer balancer = Build(cap: 1);
        balancer.TryPick(default, out _);

        NoBackendAvailableException exception = await Should.ThrowAsync<NoBackendAvailableException>(() => balancer.PickAsync(default).AsTask());

        exception.IsSaturated.ShouldBeTrue();
        balancer.Isolate("10.0.0.1:80");
        (await Should.ThrowAsync<NoBackendAvailableException>(() => balancer.PickAsync(default).AsTask())).IsSaturated.ShouldBeFalse();
    }

    [Fact]
    public async Task Arm_PickAndCompletionRace_NoRoomIsMissed()
    {
        using Balancer balancer = Build(cap: 1);
        int turns = 0;

        // Each takes the one place in turn, and sleeps without a timeout when it is taken: a signal that is lost leaves everybody asleep.
        Task all = Task.Run(() => Threads.RunOnAll(_ =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                BackendLease lease;
                Task room = balancer.Room.Arm();
                while (!balancer.TryPick(default, out lease))
                {
                    room.Wait();
                    room = balancer.Room.Arm();
                }

                Interlocked.Increment(ref turns);
                lease.Complete(Outcome.Succeeded);
            }
        }));

        await all.WaitAsync(TimeSpan.FromMinutes(2));
        turns.ShouldBe(20_000 * Threads.Count);
    }

    private static Balancer Build(int? cap) => new BalancerBuilder("orders").AddBackends(new Backend("http://10.0.0.1:80") { MaxConcurrency = cap }).Build();

    [Fact]
    public void TryAcquire_WhenTheCapRefusesAfterAPermitWasReserved_RaisesTheSignal()
    {
        (BackendState backend, HookedClock clock, RoomSignal room) = CreateOnTrial();
        Task? armed = null;
        clock.OnRead = () =>
        {
            // Just before the permit is reserved, somebody takes the last place.
            clock.OnRead = null;
            backend.Acquire();
            armed = room.Arm();
        };

        backend.TryAcquire(out _).ShouldBeFalse();

        armed!.IsCompleted.ShouldBeTrue();
        backend.Permits!.FreeCount.ShouldBe(1);
    }

    [Fact]
    public void TryAcquire_WhenTheCapRefusesAtOnce_DoesNotWakeItself()
    {
        (BackendState backend, _, RoomSignal room) = CreateOnTrial();
        backend.Acquire();
        Task armed = room.Arm();

        backend.TryAcquire(out _).ShouldBeFalse();

        armed.IsCompleted.ShouldBeFalse();
    }

    /// <summary>A backend with one place and one permit.</summary>
    private static (BackendState Backend, HookedClock Clock, RoomSignal Room) CreateOnTrial()
    {
        Reconciled host = new(new RoundRobinPolicy());
        HookedClock clock = new();
        BackendState backend = new(new Backend("http://a") { MaxConcurrency = 1 }, host) { Permits = new AdmissionPermits(1, era: 1, TimeSpan.FromSeconds(10), clock) };
        return (backend, clock, host.Room);
    }

    private sealed class HookedClock : TimeProvider
    {
        public Action? OnRead { get; set; }

        public override long GetTimestamp()
        {
            OnRead?.Invoke();
            return 1;
        }
    }
}
