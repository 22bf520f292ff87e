using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Discovery;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Balancing;

/// <summary>What an application hears of changes of availability.</summary>
public sealed class EventTests : IDisposable
{
    private readonly RecordingLog _log = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly Balancer _balancer;

    public EventTests()
    {
        _balancer = new BalancerBuilder("orders").AddBackends(Pools.DescribeMany(3)).UseTimeProvider(_clock).UseLoggerFactory(_log).UseRandom(new Random(1)).Build();
        _balancer.Start();
    }

    public void Dispose() => _balancer.Dispose();

    [Fact]
    public void AvailabilityChanged_FlagSetAndCleared_TellsBackendFlagCauseAndWhatIsLeft()
    {
        List<(string Id, Unavailability Flag, bool IsSet, string? Cause, Unavailability Left)> heard = [];
        _balancer.AvailabilityChanged += (_, change) => heard.Add((change.Backend.Id, change.Flag, change.IsSet, change.Cause, change.Unavailability));

        _balancer.Isolate("b1");
        _balancer.Isolate("b1");
        _balancer.Restore("b1");

        heard.ShouldBe(
        [
            ("b1", Unavailability.Isolated, true, "by hand", Unavailability.Isolated),
            ("b1", Unavailability.Isolated, false, null, Unavailability.None),
        ]);
    }

    [Fact]
    public void AvailabilityChanged_WhenItIsRaised_TheChangeIsPublished()
    {
        int eligible = -1;
        _balancer.AvailabilityChanged += (sender, _) => eligible = ((Balancer)sender!).Backends.Eligible.Length;

        _balancer.Isolate("b1");

        eligible.ShouldBe(2);
    }

    [Fact]
    public void CircuitChanged_Opens_TellsCauseAndBreakAndTheLogSaysIt()
    {
        List<CircuitChangedEventArgs> heard = [];
        _balancer.CircuitChanged += (_, change) => heard.Add(change);

        Break(_balancer.Backends[0]);

        CircuitChangedEventArgs change = heard.ShouldHaveSingleItem();
        (change.Backend.Id, change.From, change.To, change.Cause).ShouldBe(("b0", CircuitState.Closed, CircuitState.Open, "5 failures in a row, the last failed: 503"));
        change.Break!.Value.ShouldBeInRange(TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(6));
        _log.Of("CircuitOpened").ShouldHaveSingleItem().ShouldStartWith("Service orders: the circuit of backend b0 went from closed to open: 5 failures in a row, the last failed: 503. It is tried again in 00:00:0");
    }

    [Fact]
    public void Handler_Throws_TheOthersHearAndTheLogNamesTheEvent()
    {
        int heard = 0;
        _balancer.AvailabilityChanged += (_, _) => throw new InvalidOperationException("no");
        _balancer.AvailabilityChanged += (_, _) => heard++;

        _balancer.Isolate("b0");

        heard.ShouldBe(1);
        _log.Of("CodeFailed").ShouldHaveSingleItem().ShouldContain("A handler of AvailabilityChanged threw");
    }

    [Fact]
    public void Handler_CallsBack_IsHeardAfterItself()
    {
        List<string> heard = [];
        _balancer.AvailabilityChanged += (_, change) =>
        {
            heard.Add(change.Backend.Id);
            _balancer.Isolate("b2");
        };

        _balancer.Isolate("b0");

        heard.ShouldBe(["b0", "b2"]);
    }

    [Fact]
    public void Handler_WaitsForAnotherThreadThatChangesMore_IsNotInItsWay()
    {
        bool isDone = false;
        _balancer.CircuitChanged += (_, _) =>
        {
            // No lock is held while this runs: neither the writers' nor the circuit's.
            Thread other = new(() =>
            {
                _balancer.Isolate("b1");
                Break(_balancer.Backends[2]);
                isDone = true;
            });
            if (!isDone)
            {
                other.Start();
                other.Join(TimeSpan.FromSeconds(30)).ShouldBeTrue();
            }
        };

        Break(_balancer.Backends[0]);

        isDone.ShouldBeTrue();
        _balancer.Backends[2].Circuit.ShouldBe(CircuitState.Open);
    }

    [Fact]
    public void Handler_IsSlow_LogLinesOfOthersAreNotHeldUp()
    {
        List<int> linesWhileItRan = [];
        _balancer.AvailabilityChanged += (_, change) =>
        {
            if (change.Backend.Id == "b0")
            {
                Thread other = new(() => _balancer.Isolate("b1"));
                other.Start();
                other.Join(TimeSpan.FromSeconds(30)).ShouldBeTrue();
                linesWhileItRan.Add(_log.Of("AvailabilityChanged").Count);
            }
        };

        _balancer.Isolate("b0");

        linesWhileItRan.ShouldBe([2]);
    }

    [Fact]
    public void ServiceLevel_CircuitHalfOpen_DoesNotRise()
    {
        using Balancer balancer = new BalancerBuilder("alone").AddBackends(Pools.DescribeMany(1)).UseTimeProvider(_clock).Build();
        balancer.Start();
        List<ServiceLevel> levels = [];
        balancer.ServiceLevelChanged += (_, change) => levels.Add(change.To);
        Break(balancer.Backends[0], balancer);

        _clock.Advance(TimeSpan.FromSeconds(6));
        balancer.Backends[0].Circuit.ShouldBe(CircuitState.HalfOpen);
        levels.ShouldBe([ServiceLevel.None]);
        for (int i = 0; i < 2; i++)
        {
            balancer.TryPick(default, out BackendLease lease);
            lease.Complete(Outcome.Succeeded);
        }

        levels.ShouldBe([ServiceLevel.None, ServiceLevel.Full]);
    }

    private void Break(BackendState backend) => Break(backend, _balancer);

    private static void Break(BackendState backend, Balancer balancer)
    {
        BackendExclusions others = default;
        foreach (BackendState other in balancer.Backends.Where(other => other != backend))
        {
            others = others.With(other);
        }

        for (int i = 0; i < 5; i++)
        {
            balancer.TryPick(new PickRequest { Excluded = others }, out BackendLease lease).ShouldBeTrue();
            lease.Backend.ShouldBe(backend);
            lease.Complete(Outcome.Failed with { ErrorType = "503" });
        }
    }
}
