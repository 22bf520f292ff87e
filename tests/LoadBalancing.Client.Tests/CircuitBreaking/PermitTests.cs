using FsCheck;
using FsCheck.Fluent;
using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.CircuitBreaking;

/// <summary>Permits never leak, and never are more out than there are, whatever happens to those who hold one.</summary>
public sealed class PermitTests
{
    [Fact]
    public void HalfOpen_AnyWaysToEnd_NeverMoreAtATimeAndAllComeBack() =>
        Prop.ForAll(Gen.Choose(1, 4).ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (permits, seed) =>
        {
            using Circuits circuits = new(configure: options => (options.HalfOpenPermits, options.SuccessesToClose) = (permits, int.MaxValue));
            circuits.HalfOpen();
            Random random = new(seed);
            List<(BackendLease Lease, long Since, bool Holds)> running = [];
            for (int i = 0; i < 200; i++)
            {
                long now = circuits.Clock.GetTimestamp();
                int holding = running.Count(entry => entry.Holds && now - entry.Since < 10 * TimeSpan.TicksPerSecond);
                BackendLease lease = circuits.Pick();
                if (lease.Backend == circuits.First)
                {
                    holding.ShouldBeLessThan(permits);
                    running.Add((lease, now, true));
                }
                else
                {
                    holding.ShouldBe(permits);
                    lease.Complete(default);
                }

                if (running.Count > 0 && random.Next(2) == 0)
                {
                    End(running, random.Next(running.Count), random.Next(5));
                }

                circuits.Clock.Advance(TimeSpan.FromSeconds(random.Next(8) == 0 ? random.Next(12) : 0));
            }

            running.ForEach(entry => entry.Lease.Complete(Outcome.Canceled));
            circuits.First.Permits!.FreeCount.ShouldBe(permits);
            circuits.First.InFlight.ShouldBe(0);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void TryReserve_ManyThreads_NeverGivesMoreThanThereAre()
    {
        const int count = 3;
        AdmissionPermits permits = new(count, era: 1, TimeSpan.FromSeconds(10), new FakeTimeProvider());
        int held = 0;

        Threads.RunOnAll(_ =>
        {
            for (int i = 0; i < 50_000; i++)
            {
                if (permits.TryReserve() is { } permit)
                {
                    Interlocked.Increment(ref held).ShouldBeLessThanOrEqualTo(count);
                    Interlocked.Decrement(ref held);
                    permit.Return();
                    permit.Return();
                }
            }
        });

        permits.FreeCount.ShouldBe(count);
    }

    [Fact]
    public void Pick_ManyThreadsWhileCircuitsOpenAndClose_LeavesNothingBehind()
    {
        using Circuits circuits = new(count: 3, configure: options => (options.ConsecutiveFailures, options.Jitter) = (3, 0));
        int turn = 0;

        Threads.RunDuring(
            () =>
            {
                for (int i = 0; i < 300; i++)
                {
                    circuits.Clock.Advance(TimeSpan.FromMilliseconds(700));
                    Thread.Yield();
                }
            },
            [.. Enumerable.Repeat(
                () =>
                {
                    if (circuits.Balancer.TryPick(default, out BackendLease lease))
                    {
                        int number = Interlocked.Increment(ref turn);
                        if (number % 3 == 0)
                        {
                            lease.Responded(Outcome.Succeeded);
                        }

                        lease.Complete((number / 50 % 2, number % 7) switch { (_, 0) => Outcome.Canceled, (0, _) => Outcome.Failed, _ => Outcome.Succeeded });
                    }
                },
                3)]);

        // Whatever state each circuit is in, the backend comes back once it works.
        for (int i = 0; i < 60; i++)
        {
            circuits.Clock.Advance(TimeSpan.FromSeconds(12));
            for (int j = 0; j < 20; j++)
            {
                circuits.Pick().Complete(Outcome.Succeeded);
                circuits.PickAnother().Complete(Outcome.Succeeded);
            }
        }

        circuits.Balancer.Backends.Select(backend => backend.InFlight).ShouldAllBe(count => count == 0);
        circuits.First.Circuit.ShouldBe(CircuitState.Closed);
        circuits.Balancer.Backends.ShouldAllBe(backend => backend.Unavailability == Unavailability.None);
    }

    [Fact]
    public void TryPickAndComplete_WithCircuits_AllocateNothingWhetherTheyFailOrNot()
    {
        using Circuits circuits = new();
        int turn = 0;

        Allocations.ShouldBeZero(() =>
        {
            circuits.Balancer.TryPick(default, out BackendLease lease);
            lease.Responded(turn++ % 3 == 0 ? Outcome.Failed : Outcome.Succeeded);
            lease.Complete(Outcome.Succeeded);
        });

        circuits.First.Circuit.ShouldBe(CircuitState.Closed);
    }

    private static void End(List<(BackendLease Lease, long Since, bool Holds)> leases, int index, int how)
    {
        (BackendLease lease, long since, _) = leases[index];
        if (how == 0)
        {
            // Its headers are here: it holds no place any more, but streams on.
            lease.Responded(Outcome.Succeeded);
            leases[index] = (lease, since, false);
            return;
        }

        lease.Complete(how switch { 1 => Outcome.Succeeded, 2 => Outcome.Canceled, 3 => default, _ => Outcome.Succeeded with { Bytes = 1 } });
        leases.RemoveAt(index);
    }
}
