using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Tests.Discovery;

public sealed class BalancerDiscoveryTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly RecordingLog _log = new();
    private readonly ScriptedSource _first = new();
    private readonly ScriptedSource _second = new();

    [Fact]
    public async Task Sources_Several_ArePutTogetherInTheOrderOfTheSteps()
    {
        await using Balancer balancer = Build(builder => builder.AddSource(_first).AddBackends("http://10.0.0.9:80").AddSource(_second));
        balancer.Start();

        _second.Yield("http://10.0.0.2:80");
        await Wait.UntilAsync(() => balancer.Backends.Count == 2);
        _first.Yield("http://10.0.0.1:80");
        await Wait.UntilAsync(() => balancer.Backends.Count == 3);

        balancer.Backends.Select(backend => backend.Id).ShouldBe(["10.0.0.9:80", "10.0.0.1:80", "10.0.0.2:80"]);
    }

    [Fact]
    public async Task Sources_SameIdInTwo_TheFirstCountsAndItIsSaid()
    {
        await using Balancer balancer = Build(builder => builder.AddSource(_first).AddSource(_second));
        balancer.Start();
        _first.YieldBackends([new Backend("http://10.0.0.1:80") { Id = "a" }]);
        await Wait.UntilAsync(() => balancer.Backends.Count == 1);

        _second.YieldBackends([new Backend("http://10.0.0.2:80") { Id = "a" }, new Backend("http://10.0.0.3:80") { Id = "b" }]);

        await Wait.UntilAsync(() => balancer.Backends.Count == 2);
        balancer.Backends.Select(backend => backend.Description.Address.Host).ShouldBe(["10.0.0.1", "10.0.0.3"]);
        _log.Of("DuplicateBackend").ShouldHaveSingleItem().ShouldContain("backend id 'a' is listed more than once (http://10.0.0.2/ is ignored)");
    }

    [Fact]
    public async Task PickAsync_BeforeTheFirstAnswer_WaitsForIt()
    {
        await using Balancer balancer = Build(builder => builder.AddSource(_first));

        Task<BackendLease> pick = balancer.PickAsync(default).AsTask();
        await _clock.WaitForTimersAsync(1);
        pick.IsCompleted.ShouldBeFalse();
        _first.Yield("http://10.0.0.1:80");

        (await pick.Soon()).Backend.Id.ShouldBe("10.0.0.1:80");
        await Wait.UntilAsync(() => _clock.ActiveTimers == 0);
    }

    [Fact]
    public async Task PickAsync_AnswerThatComesDuringThePick_IsNotMissed()
    {
        for (int i = 0; i < 2000; i++)
        {
            ScriptedSource source = new();
            source.Yield("http://10.0.0.1:80");
            await using Balancer balancer = new BalancerBuilder("orders").AddSource(source).UseTimeProvider(_clock).Build();
            balancer.Start();

            (await balancer.PickAsync(default).Soon()).Complete(Outcome.Succeeded);
        }
    }

    [Fact]
    public async Task PickAsync_NoAnswerInTime_SaysSo()
    {
        await using Balancer balancer = Build(builder => builder.AddSource(_first));

        Task<BackendLease> pick = balancer.PickAsync(default).AsTask();
        await _clock.WaitForTimersAsync(1);
        _clock.Advance(TimeSpan.FromSeconds(5));

        NoBackendAvailableException exception = await Should.ThrowAsync<NoBackendAvailableException>(() => pick.Soon());
        exception.Message.ShouldBe("Service 'orders': discovery has not answered within 5 s (FirstBackendsTimeout). Waiting for the script.");
    }

    [Fact]
    public async Task PickAsync_DiscoveryFailsUntilTheTimeout_SaysWhy()
    {
        await using Balancer balancer = Build(builder => builder.AddSource(_first));

        Task<BackendLease> pick = balancer.PickAsync(default).AsTask();
        _first.Throw(new SocketException((int)SocketError.HostNotFound, "No such host."));
        await _clock.WaitForTimersAsync(2);
        _clock.Advance(TimeSpan.FromSeconds(5));

        NoBackendAvailableException exception = await Should.ThrowAsync<NoBackendAvailableException>(() => pick.Soon());
        exception.Message.ShouldBe("Service 'orders': discovery has not answered within 5 s (FirstBackendsTimeout). Waiting for the script; the last failure: No such host.");
        exception.InnerException.ShouldBeOfType<SocketException>();
    }

    [Fact]
    public async Task PickAsync_EmptyFirstAnswer_IsBelievedAtOnce()
    {
        await using Balancer balancer = Build(builder => builder.AddSource(_first));

        Task<BackendLease> pick = balancer.PickAsync(default).AsTask();
        _first.Yield();

        await Should.ThrowAsync<NoBackendAvailableException>(() => pick.Soon());
        _log.Of("NoBackends").ShouldHaveSingleItem().ShouldBe("Service orders: the list of backends is empty; that is believed, and requests fail until there are some.");
    }

    [Fact]
    public async Task PickAsync_OneOfTwoSourcesIsEmpty_WaitsForTheOther()
    {
        await using Balancer balancer = Build(builder => builder.AddSource(_first).AddSource(_second));

        Task<BackendLease> pick = balancer.PickAsync(default).AsTask();
        _first.Yield();
        await Wait.UntilAsync(() => _log.Of("NoBackends").Count == 1);
        pick.IsCompleted.ShouldBeFalse();
        _second.Yield("http://10.0.0.1:80");

        (await pick.Soon()).Backend.Id.ShouldBe("10.0.0.1:80");
    }

    [Fact]
    public async Task PickAsync_EmptyListLater_IsBelieved()
    {
        await using Balancer balancer = Build(builder => builder.AddSource(_first));
        _first.Yield("http://10.0.0.1:80");
        (await balancer.PickAsync(default).Soon()).Complete(Outcome.Succeeded);

        _first.Yield();
        await Wait.UntilAsync(() => balancer.Backends.Count == 0);

        await Should.ThrowAsync<NoBackendAvailableException>(() => balancer.PickAsync(default).Soon());
    }

    [Fact]
    public async Task List_ReplacedAsAWholeWhileThreadsPick_FailsNoPick()
    {
        await using Balancer balancer = Build(builder => builder.AddSource(_first));
        _first.Yield("http://10.0.0.1:80", "http://10.0.0.2:80");
        (await balancer.PickAsync(default).Soon()).Complete(Outcome.Succeeded);
        int failed = 0;
        using CancellationTokenSource stop = new();
        Task[] callers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                if (balancer.TryPick(default, out BackendLease lease))
                {
                    lease.Complete(Outcome.Succeeded);
                }
                else
                {
                    Interlocked.Increment(ref failed);
                }
            }
        }))];

        for (int i = 2; i < 1000; i++)
        {
            _first.Yield($"http://10.0.{i % 100}.1:80", $"http://10.0.{i % 100}.2:80");
        }

        _first.Yield("http://10.1.0.1:80");
        await Wait.UntilAsync(() => balancer.Backends.Find("10.1.0.1:80") is not null);
        await stop.CancelAsync();
        await Task.WhenAll(callers).Soon();
        failed.ShouldBe(0);
    }

    [Fact]
    public async Task Failure_AfterAList_KeepsItAndRecovers()
    {
        await using Balancer balancer = Build(builder => builder.AddSource(_first));
        _first.Yield("http://10.0.0.1:80");
        BackendState backend = (await balancer.PickAsync(default).Soon()).Backend;

        _first.Throw(new InvalidOperationException("no"));
        await Wait.UntilAsync(() => _log.Of("DiscoveryFailed").Count == 1);
        balancer.TryPick(default, out _).ShouldBeTrue();
        await _clock.WaitForTimersAsync(1);
        _clock.Advance(TimeSpan.FromSeconds(2));
        _first.Yield("http://10.0.0.1:80", "http://10.0.0.2:80");
        await Wait.UntilAsync(() => balancer.Backends.Count == 2);

        balancer.Backends[0].ShouldBeSameAs(backend);
        _log.Of("DiscoveryFailed")[0].ShouldBe("Service orders: discovery by the script failed (no); its last list (1 backends) stays in use, and it is tried again with back-off.");
    }

    [Fact]
    public async Task Sources_OneReplacedByAnother_OldListStaysUntilTheNewOneAnswers()
    {
        BalancerOptions changed = new() { Sources = { _second } };
        await using Balancer balancer = Build(builder => builder.Configure(options => options.Sources.Add(_first)));
        _first.Yield("http://10.0.0.1:80");
        (await balancer.PickAsync(default)).Complete(default);

        balancer.Apply(changed);
        balancer.TryPick(default, out BackendLease meanwhile).ShouldBeTrue();
        meanwhile.Complete(default);
        _second.Throw(new InvalidOperationException("no"));
        await Wait.UntilAsync(() => _log.Of("DiscoveryFailed").Count == 1);
        balancer.TryPick(default, out meanwhile).ShouldBeTrue();
        meanwhile.Complete(default);

        await _clock.WaitForTimersAsync(1);
        _clock.Advance(TimeSpan.FromSeconds(2));
        _second.Yield("http://10.0.0.2:80");
        await Wait.UntilAsync(() => balancer.Backends.Select(backend => backend.Id).SequenceEqual(["10.0.0.2:80"]));
    }

    [Fact]
    public async Task Dns_NoSuchHostAfterAList_KeepsItAndRecovers()
    {
        Func<IPAddress[]> answer = () => [IPAddress.Parse("10.0.0.1")];
        DnsBackendSource dns = new(new DnsOptions("orders.prod.svc", 8080), _clock, (_, _, _) => Task.Run(answer));
        await using Balancer balancer = Build(builder => builder.AddSource(dns));
        (await balancer.PickAsync(default).Soon()).Complete(Outcome.Succeeded);

        answer = () => throw new SocketException((int)SocketError.HostNotFound);
        await Wait.UntilAsync(() => _clock.UntilNextTimer == TimeSpan.FromSeconds(30));
        _clock.Advance(TimeSpan.FromSeconds(30));
        await Wait.UntilAsync(() => _log.Of("DiscoveryFailed").Count == 1);
        balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
        lease.Complete(Outcome.Succeeded);

        answer = () => [IPAddress.Parse("10.0.0.2")];
        await _clock.WaitForTimersAsync(1);
        _clock.Advance(TimeSpan.FromSeconds(2));
        await Wait.UntilAsync(() => _clock.UntilNextTimer == TimeSpan.FromSeconds(3));
        _clock.Advance(TimeSpan.FromSeconds(3));
        await Wait.UntilAsync(() => balancer.Backends[0].Id == "10.0.0.2:8080");

        _log.Of("DiscoveryFailed")[0].ShouldStartWith("Service orders: discovery by DNS orders.prod.svc:8080 failed (Name or service not known); its last list (1 backends) stays in use");
    }

    [Fact]
    public async Task Complete_ConnectFailed_AsksEverySourceToRefresh()
    {
        await using Balancer balancer = Build(builder => builder.AddSource(_first).AddSource(_second));
        _first.Yield("http://10.0.0.1:80");
        BackendLease lease = await balancer.PickAsync(default).Soon();

        lease.Complete(Outcome.ConnectFailed);

        _first.RefreshRequests.ShouldBe(1);
        _second.RefreshRequests.ShouldBe(1);
    }

    [Fact]
    public async Task Dispose_WhileWatching_StopsEverySource()
    {
        Balancer balancer = Build(builder => builder.AddSource(_first).AddSource(_second));
        balancer.Start();
        _first.Yield("http://10.0.0.1:80");
        _second.Yield("http://10.0.0.2:80");
        await Wait.UntilAsync(() => balancer.Backends.Count == 2);

        await balancer.DisposeAsync();

        await Task.WhenAll(_first.Canceled, _second.Canceled).Soon();
    }

    [Fact]
    public async Task Dispose_WhileAPickWaits_EndsTheWait()
    {
        Balancer balancer = Build(builder => builder.AddSource(_first));
        Task<BackendLease> pick = balancer.PickAsync(default).AsTask();
        await _clock.WaitForTimersAsync(1);

        await balancer.DisposeAsync();

        await Should.ThrowAsync<ObjectDisposedException>(() => pick.Soon());
    }

    [Fact]
    public async Task List_AfterDisposal_IsIgnored()
    {
        LateSource source = new();
        Balancer balancer = Build(builder => builder.AddSource(source));
        balancer.Start();
        await source.Watched.Soon();

        await balancer.DisposeAsync();
        source.Answer.SetResult([new Backend("http://10.0.0.1:80")]);

        await source.Taken.Soon();
        balancer.Backends.Count.ShouldBe(0);
    }

    [Fact]
    public async Task FirstPick_InARequestsContext_DoesNotCaptureIt()
    {
        AsyncLocal<string> request = new() { Value = "a request's" };
        TaskCompletionSource<string?> seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ScriptedSource source = new() { OnWatch = () => seen.TrySetResult(request.Value) };
        await using Balancer balancer = Build(builder => builder.AddSource(source));

        balancer.TryPick(default, out _);

        (await seen.Task.Soon()).ShouldBeNull();
    }

    private Balancer Build(Action<BalancerBuilder> describe)
    {
        // Without circuits, which have a timer of their own: here the timers are those of discovery.
        BalancerBuilder builder = new BalancerBuilder("orders").UseTimeProvider(_clock).UseRandom(new Random(1)).UseLoggerFactory(_log).UseCircuitBreaker(breaker => breaker.Enabled = false);
        describe(builder);
        return builder.Build();
    }

    /// <summary>Does not look at its token, and answers when the balancer is gone.</summary>
    private sealed class LateSource : IBackendSource
    {
        private readonly TaskCompletionSource _watched = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _taken = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<IReadOnlyList<Backend>> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Watched => _watched.Task;

        public Task Taken => _taken.Task;

        public async IAsyncEnumerable<IReadOnlyList<Backend>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            _watched.TrySetResult();
            try
            {
                yield return await Answer.Task;
            }
            finally
            {
                _taken.TrySetResult();
            }
        }
    }
}
