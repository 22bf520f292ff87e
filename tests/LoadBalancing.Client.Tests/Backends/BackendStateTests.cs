using FsCheck;
using FsCheck.Fluent;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Backends;

public sealed class BackendStateTests
{
    private static readonly Unavailability[] Flags = [Unavailability.ProbeFailed, Unavailability.Ejected, Unavailability.CircuitOpen, Unavailability.Draining, Unavailability.Isolated];

    /// <summary>Each owner's flag is what that owner last said, whatever the others did meanwhile.</summary>
    [Fact]
    public void SetFlag_AnySequence_EachFlagIsWhatItsOwnerSaidLast() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(500).WithReplay(5, 1),
            Prop.ForAll(ArbMap.Default.ArbFor<(byte Flag, bool Value)[]>(), operations =>
            {
                RecordingHost host = new();
                BackendState state = new(Pools.Describe(0), host);
                Unavailability expected = Unavailability.None;
                int changes = 0;
                foreach ((byte index, bool value) in operations)
                {
                    Unavailability flag = Flags[index % Flags.Length];
                    bool isChange = expected.HasFlag(flag) != value;
                    expected = value ? expected | flag : expected & ~flag;
                    changes += isChange ? 1 : 0;

                    state.SetFlag(flag, value).ShouldBe(isChange);
                    state.Unavailability.ShouldBe(expected);
                    host.Changes.ShouldBe(changes);

                    bool isAdmitted = state.TryAcquire(out _);
                    isAdmitted.ShouldBe((expected & (Unavailability.Draining | Unavailability.Isolated)) == 0);
                    if (isAdmitted)
                    {
                        state.Release();
                    }

                    state.InFlight.ShouldBe(0);
                }
            }));

    [Fact]
    public void SetFlag_OwnersOnTheirOwnThreads_NeverDisturbOneAnother()
    {
        BackendState state = new(Pools.Describe(0));

        Threads.Run([.. Flags.Select((flag, index) => (Action)(() =>
        {
            for (int i = 0; i < 50_000; i++)
            {
                bool value = (i & 1) == 0;
                state.SetFlag(flag, value).ShouldBeTrue();
                state.Unavailability.HasFlag(flag).ShouldBe(value);
            }

            state.SetFlag(flag, index % 2 == 0);
        }))]);

        state.Unavailability.ShouldBe(Unavailability.ProbeFailed | Unavailability.CircuitOpen | Unavailability.Isolated);
        state.TryAcquire(out _).ShouldBeFalse();
        state.SetFlag(Unavailability.Isolated, false);
        state.TryAcquire(out _).ShouldBeTrue();
    }

    [Fact]
    public void TryAcquire_Cap_AdmitsThatManyAtOnce()
    {
        BackendState state = new(Pools.Describe(0) with { MaxConcurrency = 3 });

        state.Occupy(3);
        state.TryAcquire(out _).ShouldBeFalse();
        state.InFlight.ShouldBe(3);

        state.Release();
        state.TryAcquire(out _).ShouldBeTrue();
    }

    [Fact]
    public void SetDescription_OtherCap_CountsFromThen()
    {
        BackendState state = new(Pools.Describe(0));
        state.Occupy(5);

        state.SetDescription(Pools.Describe(0) with { MaxConcurrency = 3 });
        state.TryAcquire(out _).ShouldBeFalse();

        state.SetDescription(Pools.Describe(0) with { MaxConcurrency = 6 });
        state.TryAcquire(out _).ShouldBeTrue();
        state.TryAcquire(out _).ShouldBeFalse();

        state.SetDescription(Pools.Describe(0));
        state.Occupy(10);
        state.InFlight.ShouldBe(16);
    }

    [Fact]
    public void TryAcquire_CapUnderThreads_IsNeverExceeded()
    {
        BackendState state = new(Pools.Describe(0) with { MaxConcurrency = 3 });
        int held = 0;

        Threads.RunOnAll(_ =>
        {
            for (int i = 0; i < 200_000; i++)
            {
                if (state.TryAcquire(out Client.Backends.Admission _))
                {
                    Interlocked.Increment(ref held).ShouldBeLessThanOrEqualTo(3);
                    Interlocked.Decrement(ref held);
                    state.Release();
                }

                state.InFlight.ShouldBeInRange(0, 3);
            }
        });

        state.InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task WhenIdle_NothingInFlight_IsDone()
    {
        BackendState state = new(Pools.Describe(0));

        await state.WhenIdle().WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task WhenIdle_SomeInFlight_IsDoneWithTheLastOne()
    {
        BackendState state = new(Pools.Describe(0));
        state.Occupy(2);
        Task idle = state.WhenIdle();

        state.Release();
        idle.IsCompleted.ShouldBeFalse();

        state.Release();
        await idle.WaitAsync(TimeSpan.FromSeconds(30));

        state.Occupy(1);
        Task again = state.WhenIdle();
        again.IsCompleted.ShouldBeFalse();
        state.Release();
        await again.WaitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>
    /// A drain races with attempts, and with owners of other flags. Once it says that nothing runs, nothing may start: neither an attempt that looked before,
    /// nor one that another flag's owner lets in because it had looked before.
    /// </summary>
    [Fact]
    public void WhenIdle_OnceDrained_NothingIsAdmitted()
    {
        BackendState state = new(Pools.Describe(0));
        int isDrained = 0;

        void Attempt()
        {
            bool wasDrained = Volatile.Read(ref isDrained) != 0;
            if (state.TryAcquire(out _))
            {
                (wasDrained && Volatile.Read(ref isDrained) != 0).ShouldBeFalse("An attempt was admitted although the drain was over.");
                Volatile.Read(ref isDrained).ShouldBe(0, "An attempt runs although the drain was over.");
                state.Release();
            }
        }

        Threads.RunDuring(
            () =>
            {
                for (int i = 0; i < 30_000; i++)
                {
                    state.SetFlag(Unavailability.Draining, true);
                    SpinUntilDone(state.WhenIdle());
                    Volatile.Write(ref isDrained, 1);
                    Thread.SpinWait(20);
                    Volatile.Write(ref isDrained, 0);
                    state.SetFlag(Unavailability.Draining, false);
                }
            },
            Attempt,
            Attempt,
            () =>
            {
                state.SetFlag(Unavailability.ProbeFailed, true);
                state.SetFlag(Unavailability.ProbeFailed, false);
            });

        state.InFlight.ShouldBe(0);
    }

    /// <summary>The last attempt may leave before, while or after somebody asks to be told.</summary>
    [Fact]
    public void WhenIdle_RacingTheLastRelease_IsAlwaysDone()
    {
        BackendState state = new(Pools.Describe(0));
        using Barrier round = new(2);
        const int Rounds = 20_000;

        Threads.Run(
            () =>
            {
                for (int i = 0; i < Rounds; i++)
                {
                    state.Occupy(1);
                    round.SignalAndWait();
                    state.Release();
                    round.SignalAndWait();
                }
            },
            () =>
            {
                for (int i = 0; i < Rounds; i++)
                {
                    round.SignalAndWait();
                    Task idle = state.WhenIdle();
                    round.SignalAndWait();
                    SpinUntilDone(idle);
                }
            });
    }

    private static void SpinUntilDone(Task task) => SpinWait.SpinUntil(() => task.IsCompleted, TimeSpan.FromSeconds(30)).ShouldBeTrue();

    private sealed class RecordingHost : Client.Backends.BackendHost
    {
        public override string ServiceName => "orders";

        public int Changes { get; private set; }

        public override void AvailabilityChanged(BackendState backend, Unavailability flag, bool isSet, Client.Backends.Verdict? verdict) => Changes++;

        public override void CircuitChanged(BackendState backend, CircuitState from, CircuitState to, string cause, TimeSpan? duration)
        {
        }

        public override void ProbeEnded(BackendState backend, TimeSpan duration, string? errorType, Exception? news)
        {
        }

        public override void EjectionRefused(BackendState backend, string kind, string cause)
        {
        }

        public override void Speak()
        {
        }

        public override void Report(BackendState backend, Client.Backends.AttemptPhases phases, in Outcome outcome, long started, int era)
        {
        }
    }
}
