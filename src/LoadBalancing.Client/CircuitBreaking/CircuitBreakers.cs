using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Timing;

namespace LoadBalancing.Client.CircuitBreaking;

/// <summary>The circuit breakers of one balancer: one per backend, which stays with it whatever happens to the options.</summary>
internal sealed class CircuitBreakers(TimeProvider timeProvider, Random random, Schedule schedule) : IHealthSource
{
    private static readonly BackendSlot<CircuitBreaker> Slot = new();

    private IReadOnlyList<BackendState> _listed = [];
    private CircuitBreakerOptions _options = new();

    public TimeProvider TimeProvider { get; } = timeProvider;

    /// <summary>Thread safe.</summary>
    public Random Random { get; } = random;

    public Schedule Schedule { get; } = schedule;

    public CircuitBreakerOptions Options => Volatile.Read(ref _options);

    /// <summary>Puts other options in force. Open circuits stay open for as long as they were to; turned off, all close.</summary>
    public void Configure(CircuitBreakerOptions options)
    {
        Volatile.Write(ref _options, options);
        if (!options.Enabled)
        {
            foreach (BackendState backend in _listed)
            {
                Slot.Get(backend)?.TurnOff();
            }
        }
    }

    public BackendJudge? CreateJudge(BackendState backend)
    {
        if (!Options.Enabled)
        {
            return null;
        }

        if (Slot.Get(backend) is not { } breaker)
        {
            Slot.Set(backend, breaker = new CircuitBreaker(backend, this));
        }

        return breaker;
    }

    public void Start()
    {
    }

    public void Update(IReadOnlyList<BackendState> listed) => _listed = listed;

    public void Dispose()
    {
    }
}
