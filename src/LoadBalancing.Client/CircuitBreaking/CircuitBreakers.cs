using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Timing;

namespace LoadBalancing.Client.CircuitBreaking;

/// <summary>The circuit breakers of one balancer: one per backend, which stays with it whatever happens to the options.</summary>
internal sealed class CircuitBreakers(TimeProvider timeProvider, Random random, Schedule schedule) : IHealthSource
{
    private static readonly BackendSlot<CircuitBreaker> Slot = new();

    private CircuitBreakerOptions _options = new();
    private IReadOnlyList<BackendState> _listed = [];

    public TimeProvider TimeProvider { get; } = timeProvider;

    /// <summary>Thread safe.</summary>
    public Random Random { get; } = random;

    public Schedule Schedule { get; } = schedule;

    public CircuitBreakerOptions Options => Volatile.Read(ref _options);

    /// <summary>Puts other options in force. Open circuits stay open for as long as they were to; when it is turned off, each closes as its backend is attached anew.</summary>
    public void Configure(CircuitBreakerOptions options) => Volatile.Write(ref _options, options);

    public BackendJudge? CreateJudge(BackendState backend)
    {
        CircuitBreaker? breaker = Slot.Get(backend);
        if (!Options.Enabled)
        {
            breaker?.TurnOff();
            return null;
        }

        if (breaker is null)
        {
            Slot.Set(backend, breaker = new CircuitBreaker(backend, this));
        }

        return breaker;
    }

    public void Start()
    {
    }

    public void Update(IReadOnlyList<BackendState> listed) => Volatile.Write(ref _listed, listed);

    /// <summary>Lets all of a tier who are out by an open circuit prove themselves now. Called with no lock held.</summary>
    public void EndBreaks(int priority, string cause)
    {
        foreach (BackendState backend in Volatile.Read(ref _listed))
        {
            if (backend.Description.Priority == priority)
            {
                Slot.Get(backend)?.EndBreak(cause);
            }
        }
    }

    public void Dispose()
    {
    }
}
