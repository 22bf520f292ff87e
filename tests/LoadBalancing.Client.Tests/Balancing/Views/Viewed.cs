using LoadBalancing.Client.Balancing.Views;
using LoadBalancing.Client.Testing;
using LoadBalancing.Client.Tests.Fixtures;

namespace LoadBalancing.Client.Tests.Balancing.Views;

/// <summary>A balancer and somebody who looks at it through views, with connections that a test makes and breaks.</summary>
internal sealed class Viewed : IDisposable
{
    private readonly Dictionary<BackendState, Readiness> _readiness = [];
    private readonly ViewSource _source;

    public Viewed(LoadBalancingPolicy policy, IEnumerable<Backend> backends, Action<BalancerBuilder>? configure = null, int seed = 7)
    {
        BalancerBuilder builder = new BalancerBuilder("orders").AddBackends(backends).UsePolicy(policy).UseTimeProvider(Clock).UseRandom(new Random(seed)).UseCircuitBreaker(breaker => breaker.Enabled = false);
        configure?.Invoke(builder);
        Balancer = builder.Build();
        _source = Balancer.OpenViews(() => { });
        View = _source.CreateView(_readiness);
    }

    public FakeTimeProvider Clock { get; } = new();

    public Balancer Balancer { get; }

    /// <summary>The latest.</summary>
    public BalancerView View { get; private set; }

    public BackendState this[string id] => Balancer.Backends.Find(id).ShouldNotBeNull();

    /// <summary>Where connections stand; those that are not mentioned stay.</summary>
    public BalancerView Set(Readiness readiness, params IEnumerable<BackendState> backends)
    {
        foreach (BackendState backend in backends)
        {
            _readiness[backend] = readiness;
        }

        return Look();
    }

    public BalancerView SetAll(Readiness readiness) => Set(readiness, Balancer.Backends);

    /// <summary>A new view of what is there now.</summary>
    public BalancerView Look() => View = _source.CreateView(_readiness);

    /// <summary>Chooses in the latest view and begins the attempt.</summary>
    public BackendLease Pick(in PickRequest request = default)
    {
        View.Choose(request, out ViewChoice choice).ShouldBe(ViewAnswer.Chosen);
        Balancer.TryAcquire(choice, out BackendLease lease, out _).ShouldBeTrue();
        return lease;
    }

    /// <summary>Chooses over and over.</summary>
    /// <returns>How often each listed backend was chosen.</returns>
    public int[] CountChoices(int choices, Func<int, PickRequest>? requestOf = null)
    {
        Dictionary<BackendState, int> indexes = Balancer.Backends.Index().ToDictionary(item => item.Item, item => item.Index);
        int next = 0;
        return Shares.CountDraws(choices, indexes.Count, () =>
        {
            View.Choose(requestOf?.Invoke(next++) ?? default, out ViewChoice choice).ShouldBe(ViewAnswer.Chosen);
            return indexes[choice.Backend];
        });
    }

    public void Dispose()
    {
        _source.Dispose();
        Balancer.Dispose();
    }
}
