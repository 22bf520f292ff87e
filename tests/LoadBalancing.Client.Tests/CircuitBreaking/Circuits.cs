using LoadBalancing.Client.Testing;

namespace LoadBalancing.Client.Tests.CircuitBreaking;

/// <summary>A balancer on a clock that stands still, over a few backends of which the first that may be picked is.</summary>
internal sealed class Circuits : IDisposable
{
    private readonly BackendExclusions _butNotTheFirst;

    public Circuits(int count = 2, Action<CircuitBreakerOptions>? configure = null, bool failClosed = false, int seed = 1)
    {
        Balancer = new BalancerBuilder("orders")
            .AddBackends([.. Enumerable.Range(0, count).Select(index => new Backend($"http://10.0.0.{index + 1}:80") { Id = $"b{index}" })])
            .UsePolicy(new FirstPolicy())
            .UseCircuitBreaker(options => configure?.Invoke(options))
            .Configure(options => options.FailClosed = failClosed)
            .UseTimeProvider(Clock)
            .UseRandom(new Random(seed))
            .Build();
        Balancer.CircuitChanged += (_, change) => Moves.Add((change.Backend.Id, change.To));
        Balancer.Start();
        First = Balancer.Backends[0];
        _butNotTheFirst = default(BackendExclusions).With(First);
    }

    public FakeTimeProvider Clock { get; } = new();

    public Balancer Balancer { get; }

    public BackendState First { get; }

    public List<(string Id, CircuitState To)> Moves { get; } = [];

    public bool IsFirstEligible => First.Unavailability == Unavailability.None;

    /// <summary>Picks, and expects the first backend.</summary>
    public BackendLease PickFirst()
    {
        BackendLease lease = Pick();
        lease.Backend.ShouldBe(First);
        return lease;
    }

    public BackendLease Pick()
    {
        Balancer.TryPick(default, out BackendLease lease).ShouldBeTrue();
        return lease;
    }

    public BackendLease PickAnother()
    {
        Balancer.TryPick(new PickRequest { Excluded = _butNotTheFirst }, out BackendLease lease).ShouldBeTrue();
        return lease;
    }

    /// <summary>One attempt after the other on the first backend: <c>.</c> succeeds, <c>x</c> fails, <c>c</c> is canceled.</summary>
    public void Try(string outcomes)
    {
        foreach (char outcome in outcomes)
        {
            PickFirst().Complete(outcome switch { '.' => Outcome.Succeeded, 'x' => Outcome.Failed, _ => Outcome.Canceled });
        }
    }

    /// <summary>Opens the circuit of the first backend.</summary>
    public void Open()
    {
        Try("xxxxx");
        First.Circuit.ShouldBe(CircuitState.Open);
    }

    /// <summary>Opens it, and lets the break pass.</summary>
    public void HalfOpen()
    {
        Open();
        Clock.Advance(TimeSpan.FromSeconds(6));
        First.Circuit.ShouldBe(CircuitState.HalfOpen);
    }

    public void Dispose() => Balancer.Dispose();

    private sealed class FirstPolicy : LoadBalancingPolicy
    {
        public override string Name => "first";

        public override PickerFactory CreateFactory(PolicyContext context) => new Factory();

        private sealed class Factory : PickerFactory
        {
            public override Picker CreatePicker(BackendSet backends) => new FirstPicker(backends);
        }

        private sealed class FirstPicker(BackendSet backends) : Picker
        {
            public override BackendState? Pick(in PickRequest request)
            {
                foreach (BackendState backend in backends.Eligible)
                {
                    if (!request.Excluded.Contains(backend))
                    {
                        return backend;
                    }
                }

                return backends.Eligible.IsEmpty ? null : backends.Eligible[0];
            }
        }
    }
}
