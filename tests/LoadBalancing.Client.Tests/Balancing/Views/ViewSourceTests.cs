using LoadBalancing.Client.Balancing.Views;
using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Discovery;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Balancing.Views;

/// <summary>When the owner of views is told to make another one.</summary>
public sealed class ViewSourceTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _clock = new();
    private readonly RecordingLog _log = new();
    private readonly ManualSource _source = new();
    private readonly SemaphoreSlim _told = new(0);
    private readonly Balancer _balancer;

    public ViewSourceTests() => _balancer = new BalancerBuilder("orders").AddBackends(Pools.DescribeMany(3)).AddSource(_source).UseSlowStart().UseTimeProvider(_clock).UseLoggerFactory(_log).Build();

    public void Dispose()
    {
        _balancer.Dispose();
        _told.Dispose();
    }

    [Fact]
    public async Task Tell_EveryKindOfChange_IsHeardAndInTheNextView()
    {
        using ViewSource views = _balancer.OpenViews(() => _told.Release());
        BalancerView view = View(views);

        _balancer.Backends[0].SetFlag(Unavailability.ProbeFailed, true);
        (view = await NextAsync(views, view)).Backends.Eligible.Length.ShouldBe(2);

        _balancer.Isolate("b1");
        (view = await NextAsync(views, view)).Backends.Eligible.Length.ShouldBe(1);

        _balancer.Restore("b1");
        _balancer.Backends[0].SetFlag(Unavailability.ProbeFailed, false);
        view = await NextAsync(views, view);
        double weight = view.Backends.EligibleWeights[0];
        weight.ShouldBe(0.1);

        _clock.Advance(TimeSpan.FromSeconds(6));
        (view = await NextAsync(views, view)).Backends.EligibleWeights[0].ShouldBeGreaterThan(weight);

        await _source.PublishAsync(Pools.Describe(3));
        (view = await NextAsync(views, view)).Backends.Count.ShouldBe(4);

        BalancerOptions options = new() { Policy = new PickFirstPolicy() };
        options.Backends.Add(Pools.Describe(1));
        options.Backends.Add(Pools.Describe(2));
        _balancer.Apply(options);
        view = await NextAsync(views, view);
        Shares.CountDraws(20, 3, () => view.Choose(default, out ViewChoice choice) == ViewAnswer.Chosen ? choice.Backend.Id[1] - '0' : -1).ShouldBe([0, 20, 0]);
    }

    /// <summary>An answer that names nobody changes no list, but calls that wait for it must hear of it.</summary>
    [Fact]
    public async Task Tell_FirstAnswerIsEmpty_IsHeard()
    {
        ManualSource source = new();
        using Balancer balancer = new BalancerBuilder("orders").AddSource(source).UseTimeProvider(_clock).Build();
        using ViewSource views = balancer.OpenViews(() => _told.Release());
        View(views).Outlook.ShouldBe(ViewAnswer.Later);

        await source.PublishAsync();

        (await _told.WaitAsync(Patience)).ShouldBeTrue();
        while (View(views).Outlook != ViewAnswer.Nobody)
        {
            (await _told.WaitAsync(Patience)).ShouldBeTrue();
        }
    }

    /// <summary>Another thread can take the balancer's lock, whatever it was that brought the change.</summary>
    [Fact]
    public async Task Tell_IsCalledWithoutTheLock()
    {
        TaskCompletionSource<bool> done = new();
        using ViewSource views = _balancer.OpenViews(() => done.TrySetResult(Task.Run(() => _balancer.Isolate("b2")).Wait(Patience)));

        _balancer.Isolate("b1");

        (await done.Task.WaitAsync(Patience)).ShouldBeTrue();
    }

    [Fact]
    public async Task Tell_ChangeWhileTheOwnerLooks_IsHeardToo()
    {
        int heard = 0;
        using ViewSource views = _balancer.OpenViews(() =>
        {
            if (Interlocked.Increment(ref heard) == 1)
            {
                _balancer.Isolate("b2");
            }

            _told.Release();
        });

        _balancer.Isolate("b1");

        (await _told.WaitAsync(Patience)).ShouldBeTrue();
        (await _told.WaitAsync(Patience)).ShouldBeTrue();
    }

    /// <summary>Who makes a view holds the lock for a moment. A change that comes then is left to it, and published though nobody else does anything afterwards; but not by this thread, which may hold locks of its own.</summary>
    [Fact]
    public async Task CreateView_FlagChangesMeanwhile_IsPublishedByAnotherThread()
    {
        HookedPolicy policy = new();
        using Balancer balancer = new BalancerBuilder("orders").AddBackends(Pools.DescribeMany(2)).UsePolicy(policy).UseTimeProvider(_clock).Build();
        BackendState state = balancer.Start().Backends[0];
        int publisher = 0;
        using ViewSource views = balancer.OpenViews(() => { });
        policy.OnCreatePicker = () =>
        {
            policy.OnCreatePicker = () => publisher = Environment.CurrentManagedThreadId;
            Threads.Run(() => state.SetFlag(Unavailability.Ejected, true));
        };

        int caller = Environment.CurrentManagedThreadId;
        views.CreateView(new Dictionary<BackendState, Readiness> { [state] = Readiness.Ready });
        await Wait.UntilAsync(() => !balancer.Backends.Eligible.Contains(state));

        publisher.ShouldNotBe(caller);
    }

    [Fact]
    public async Task Tell_OwnerThrows_IsLoggedAndTheNextChangeIsHeard()
    {
        using ViewSource views = _balancer.OpenViews(() =>
        {
            _told.Release();
            throw new InvalidOperationException("The owner is broken.");
        });

        _balancer.Isolate("b1");
        (await _told.WaitAsync(Patience)).ShouldBeTrue();
        _balancer.Restore("b1");
        (await _told.WaitAsync(Patience)).ShouldBeTrue();

        _log.Of("CodeFailed").ShouldContain(message => message.Contains("ViewSource"));
    }

    [Fact]
    public async Task Dispose_NothingIsHeardAfterwards()
    {
        int heard = 0;
        ViewSource first = _balancer.OpenViews(() => Interlocked.Increment(ref heard));
        using ViewSource second = _balancer.OpenViews(() => _told.Release());
        first.Dispose();
        first.Dispose();

        _balancer.Isolate("b1");
        (await _told.WaitAsync(Patience)).ShouldBeTrue();

        heard.ShouldBe(0);
    }

    /// <summary>Round robin that calls back while a picker is made, under the balancer's lock.</summary>
    private sealed class HookedPolicy : LoadBalancingPolicy
    {
        public override string Name => "hooked";

        public Action? OnCreatePicker { get; set; }

        public override PickerFactory CreateFactory(PolicyContext context) => new Factory(this, new RoundRobinPolicy().CreateFactory(context));

        private sealed class Factory(HookedPolicy owner, PickerFactory inner) : PickerFactory
        {
            public override Picker CreatePicker(BackendSet backends)
            {
                owner.OnCreatePicker?.Invoke();
                return inner.CreatePicker(backends);
            }
        }
    }

    private static BalancerView View(ViewSource views) => views.CreateView(new AllReady());

    /// <summary>A view that is not the one before; the owner was told of what is in it.</summary>
    private async Task<BalancerView> NextAsync(ViewSource views, BalancerView before)
    {
        before.IsOutdated.ShouldBeTrue();
        (await _told.WaitAsync(Patience)).ShouldBeTrue();
        BalancerView next = View(views);
        while (next.IsOutdated)
        {
            (await _told.WaitAsync(Patience)).ShouldBeTrue();
            next = View(views);
        }

        return next;
    }
}
