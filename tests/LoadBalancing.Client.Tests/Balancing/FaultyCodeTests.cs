using LoadBalancing.Client.Backends;
using LoadBalancing.Client.DependencyInjection.Configuration;
using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Configuration;
using LoadBalancing.Client.Tests.Discovery;
using Microsoft.Extensions.DependencyInjection;

namespace LoadBalancing.Client.Tests.Balancing;

/// <summary>Code that an application hands in may throw where it must not: what runs keeps running, and no count is lost.</summary>
public sealed class FaultyCodeTests
{
    private readonly RecordingLog _log = new();

    [Fact]
    public void Complete_ObserverThrows_LeavesFlightAndIsLogged()
    {
        using Balancer balancer = Build(builder => builder.AddBackends("http://10.0.0.1:80").UsePolicy(new FaultyPolicy { ObserverThrows = true }));
        balancer.TryPick(default, out BackendLease lease);

        lease.Complete(Outcome.Succeeded);

        balancer.Backends[0].InFlight.ShouldBe(0);
        _log.Of("CodeFailed").ShouldHaveSingleItem().ShouldContain("FaultyObserver threw");
    }

    [Fact]
    public void Complete_RefreshOfASourceThrows_LeavesFlightAndIsLogged()
    {
        using Balancer balancer = Build(builder => builder.AddBackends("http://10.0.0.1:80").AddSource(new FaultySource()));
        balancer.TryPick(default, out BackendLease lease);

        lease.Complete(Outcome.ConnectFailed);

        balancer.Backends[0].InFlight.ShouldBe(0);
        _log.Of("CodeFailed").ShouldHaveSingleItem().ShouldContain("FaultySource threw");
    }

    [Fact]
    public async Task Update_PickerCannotBeBuilt_LastSnapshotStaysAndTheNextChangeIsTaken()
    {
        ScriptedSource source = new();
        FaultyPolicy policy = new();
        await using Balancer balancer = Build(builder => builder.AddSource(source).UsePolicy(policy));
        source.Yield("http://10.0.0.1:80");
        (await balancer.PickAsync(default)).Complete(default);

        policy.PickerThrows = true;
        source.Yield("http://10.0.0.2:80");
        await Wait.UntilAsync(() => _log.Of("CodeFailed").Count == 1);

        balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
        lease.Backend.Id.ShouldBe("10.0.0.1:80");
        lease.Complete(default);

        policy.PickerThrows = false;
        source.Yield("http://10.0.0.3:80");
        await Wait.UntilAsync(() => balancer.Backends.Find("10.0.0.3:80") is not null);
        balancer.Backends.Count.ShouldBe(1);
    }

    [Fact]
    public void Apply_PickerCannotBeBuilt_NothingOfTheChangeStays()
    {
        FaultyPolicy policy = new();
        using Balancer balancer = Build(builder => builder.AddBackends("http://10.0.0.1:80", "http://10.0.0.2:80").UsePolicy(policy));
        balancer.Start();
        balancer.Isolate("10.0.0.2:80");
        BackendState[] before = [.. balancer.Backends];
        BalancerOptions options = new() { Policy = policy };
        options.Backends.Add(new Backend("http://10.0.0.1:80") { Weight = 5, MaxConcurrency = 1 });
        options.Backends.Add(new Backend("http://10.0.0.3:80"));
        policy.PickerThrows = true;

        Should.Throw<Exception>(() => balancer.Apply(options));

        policy.PickerThrows = false;
        balancer.Isolate("10.0.0.1:80");
        balancer.Restore("10.0.0.1:80");
        balancer.Backends.ShouldBe(before);
        before[0].Description.ShouldBe(new Backend("http://10.0.0.1:80"));
        before[1].Unavailability.ShouldBe(Unavailability.Isolated, "and not draining, since it is listed still");
        balancer.Options.Backends.Count.ShouldBe(2);
        _log.Of("BackendsChanged").ShouldHaveSingleItem().ShouldContain("2 backends");
        Should.Throw<ArgumentException>(() => balancer.DrainAsync("10.0.0.3:80", TimeSpan.Zero).GetAwaiter().GetResult());
        balancer.TryPick(default, out BackendLease first).ShouldBeTrue();
        balancer.TryPick(default, out BackendLease second).ShouldBeTrue("it has no cap");
        first.Complete(default);
        second.Complete(default);
    }

    [Fact]
    public void Build_PickerCannotBeBuilt_NamesServiceAndPolicy()
    {
        InvalidOperationException exception = Should.Throw<InvalidOperationException>(() => BuildWith(new FaultyPolicy { PickerThrows = true }));

        exception.Message.ShouldBe("Service 'orders' with policy 'faulty' cannot be built: KeyNotFoundException: no picker");
        exception.InnerException.ShouldBeOfType<KeyNotFoundException>();
    }

    [Fact]
    public void Build_FactoryThrows_NamesServiceAndPolicy()
    {
        InvalidOperationException exception = Should.Throw<InvalidOperationException>(() => BuildWith(new FaultyPolicy { FactoryThrows = true }));

        exception.Message.ShouldBe("Service 'orders' with policy 'faulty' cannot be built: TimeoutException: no factory");
        exception.InnerException.ShouldBeOfType<TimeoutException>();
    }

    [Fact]
    public void Build_FactoryIsNull_NamesServiceAndPolicy() =>
        Should.Throw<InvalidOperationException>(() => BuildWith(new FaultyPolicy { HasNoFactory = true }))
            .Message.ShouldMatch("^Service 'orders' with policy 'faulty' cannot be built: .*FaultyPolicy.CreateFactory returned null");

    [Fact]
    public void Build_OptionsOfAPolicyContradictEachOther_NamesServiceAndPolicy() =>
        Should.Throw<ArgumentException>(() => BuildWith(new RingHashPolicy { MaxRingSize = 100 }))
            .Message.ShouldBe("Service 'orders' with policy 'ring_hash' cannot be built: MinRingSize = 1024 must not be above MaxRingSize = 100.");

    [Theory]
    [InlineData(true, "TimeoutException: no factory")]
    [InlineData(false, "KeyNotFoundException: no picker")]
    public void Reload_PolicyThrows_NamesServiceAndPolicyAndAppliesNothing(bool isFactory, string problem)
    {
        EditableJson file = new(EditableJson.InOrders(""" "Backends": { "a": "http://10.0.0.1:80" } """));
        FaultyPolicy policy = new() { FactoryThrows = isFactory, PickerThrows = !isFactory };
        using Balancer balancer = Build(builder =>
            builder.UseConfiguration(EditableJson.Configuration(file).GetSection("LoadBalancing:orders"), [], [new PolicyRegistration("mine", _ => policy)]));
        BackendSet before = balancer.Backends;

        file.Edit(EditableJson.InOrders(""" "Policy": "mine", "Backends": { "b": "http://10.0.0.2:80" } """));

        balancer.Backends.ShouldBeSameAs(before);
        _log.Of("ConfigurationRefused").ShouldBe(
            [$"Service orders: changed configuration refused, nothing was applied. Service 'orders' with policy 'faulty' cannot be built: {problem}"]);
    }

    [Fact]
    public void TryPick_PolicyHasNobody_IsBelieved()
    {
        using Balancer balancer = Build(builder => builder.AddBackends("http://10.0.0.1:80").UsePolicy(new FaultyPolicy { HasNobody = true }));

        balancer.TryPick(default, out _).ShouldBeFalse();
    }

    private Balancer BuildWith(LoadBalancingPolicy policy) => Build(builder => builder.AddBackends("http://10.0.0.1:80").UsePolicy(policy));

    private Balancer Build(Action<BalancerBuilder> configure)
    {
        BalancerBuilder builder = new BalancerBuilder("orders").UseLoggerFactory(_log);
        configure(builder);
        return builder.Build();
    }

    private sealed class FaultyPolicy : LoadBalancingPolicy
    {
        public override string Name => "faulty";

        public bool ObserverThrows { get; init; }

        public bool FactoryThrows { get; init; }

        public bool HasNoFactory { get; init; }

        public bool PickerThrows { get; set; }

        public bool HasNobody { get; init; }

        public override PickerFactory CreateFactory(PolicyContext context)
        {
            if (FactoryThrows)
            {
                throw new TimeoutException("no factory");
            }

            return HasNoFactory ? null! : new Factory(this);
        }

        private sealed class Factory(FaultyPolicy policy) : PickerFactory
        {
            public override Picker CreatePicker(BackendSet backends) =>
                policy.PickerThrows && backends.Count > 0 ? throw new KeyNotFoundException("no picker") : new FirstPicker(policy.HasNobody ? BackendSet.Empty : backends);

            public override IBackendObserver? CreateObserver(BackendState backend) => policy.ObserverThrows ? new FaultyObserver() : null;
        }
    }

    private sealed class FirstPicker(BackendSet backends) : Picker
    {
        public override BackendState? Pick(in PickRequest request) => backends.Eligible.IsEmpty ? null : backends.Eligible[0];
    }

    private sealed class FaultyObserver : IBackendObserver
    {
        public void Observe(in AttemptReport report) => throw new InvalidOperationException("no");
    }

    private sealed class FaultySource : IBackendSource
    {
        public async IAsyncEnumerable<IReadOnlyList<Backend>> WatchAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
            yield break;
        }

        public void RequestRefresh() => throw new InvalidOperationException("no");
    }
}
