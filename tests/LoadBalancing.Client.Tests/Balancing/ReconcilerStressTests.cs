using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Balancing;

public sealed class ReconcilerStressTests
{
    private static readonly Unavailability[] HealthFlags = [Unavailability.ProbeFailed, Unavailability.Ejected, Unavailability.CircuitOpen];

    /// <summary>Flags change on many threads while lists come in. Once all is quiet, the snapshot shows every last change.</summary>
    [Fact]
    public void SetFlag_ManyThreadsDuringUpdates_TheLastChangeIsAlwaysPublished()
    {
        Backend[] all = Pools.DescribeMany(4);
        for (int round = 0; round < 300; round++)
        {
            Reconciled balancer = new(new RandomPolicy());
            balancer.Update(all);
            BackendState[] states = [.. balancer.Current.Backends];

            Threads.Run(
            [
                () =>
                {
                    for (int i = 0; i < 20; i++)
                    {
                        balancer.Update([.. all.Select(backend => backend with { Weight = 1 + (i % 3) })]);
                    }
                },
                .. HealthFlags.Select((flag, index) => (Action)(() =>
                {
                    Random random = new((round * 10) + index);
                    for (int i = 0; i < 50; i++)
                    {
                        states[random.Next(states.Length)].SetFlag(flag, random.Next(2) == 0);
                    }
                })),
            ]);

            BackendState[] eligible = [.. states.Where(state => state.Unavailability == Unavailability.None)];
            balancer.Current.Backends.Eligible.ToArray().ShouldBe(eligible.Length == 0 ? states : eligible);
            balancer.Current.Backends.EligibleWeights.ToArray().ShouldAllBe(weight => weight == states[0].Description.Weight);
        }
    }

    /// <summary>Two threads, one flag change each, as close together as it gets: the one that finds the lock taken leaves its rebuild to the other.</summary>
    [Fact]
    public void SetFlag_TwoAtOnce_NeitherIsLost()
    {
        Reconciled balancer = new(new RandomPolicy());
        balancer.Update(Pools.DescribeMany(3));
        BackendState[] states = [.. balancer.Current.Backends];
        using Barrier round = new(2, _ =>
        {
            BackendState[] eligible = [.. states.Where(state => state.Unavailability == Unavailability.None)];
            balancer.Current.Backends.Eligible.ToArray().ShouldBe(eligible);
        });

        void Flip(BackendState state)
        {
            for (int i = 0; i < 20_000; i++)
            {
                state.SetFlag(Unavailability.ProbeFailed, i % 2 == 0);
                round.SignalAndWait();
            }
        }

        Threads.Run(() => Flip(states[0]), () => Flip(states[1]));
    }

    /// <summary>When Restore returns, the backend is in the snapshot, whoever else is at work.</summary>
    [Fact]
    public void Restore_DuringUpdatesAndFlagChanges_IsPublishedAtReturn()
    {
        Backend[] all = Pools.DescribeMany(3);
        Reconciled balancer = new(new RandomPolicy());
        balancer.Update(all);
        BackendState[] states = [.. balancer.Current.Backends];

        int weight = 1;
        Threads.RunDuring(
            () =>
            {
                for (int i = 0; i < 50_000; i++)
                {
                    balancer.Reconciler.SetIsolated("b0", true);
                    balancer.Current.Backends.Eligible.Contains(states[0]).ShouldBeFalse();
                    balancer.Reconciler.SetIsolated("b0", false);
                    balancer.Current.Backends.Eligible.Contains(states[0]).ShouldBeTrue();
                }
            },
            () => balancer.Update([.. all.Select(backend => backend with { Weight = 1 + (++weight % 2) })]),
            () =>
            {
                states[1].SetFlag(Unavailability.ProbeFailed, true);
                states[1].SetFlag(Unavailability.ProbeFailed, false);
            });
    }

    /// <summary>One backend that flaps is either eligible or used all the same, but never missing.</summary>
    [Fact]
    public void Pick_TheOnlyBackendFlaps_AlwaysFindsIt()
    {
        Reconciled balancer = new(new RandomPolicy());
        balancer.Update(Pools.DescribeMany(1));
        BackendState state = balancer["b0"];

        Threads.RunDuring(
            () =>
            {
                for (int i = 0; i < 50_000; i++)
                {
                    BackendState picked = balancer.Pick(default).ShouldNotBeNull();
                    picked.ShouldBe(state);
                    picked.Release();
                }
            },
            [.. HealthFlags.Select(flag => (Action)(() =>
            {
                state.SetFlag(flag, true);
                state.SetFlag(flag, false);
            }))]);

        balancer.PublishedEmpty.ShouldBe(0);
    }
}
