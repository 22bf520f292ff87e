using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Timing;

namespace LoadBalancing.Client.CircuitBreaking;

/// <summary>The circuit breakers of one balancer: one per backend, which stays with it whatever happens to the options.</summary>
internal sealed class CircuitBreakers(TimeProvider timeProvider, Random random, Schedule schedule) : IHealthSource
{
    private const int EndedTogether = 2;

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

    /// <summary>
    /// A circuit has closed when nobody else was left: lets two others, of its tier or of better ones, prove themselves now; those whose breaks are over first, since those of dead backends double. When these close, two more each: so where
    /// all work again, all are back soon, and where most are dead, two requests find that out. Called with no lock held.
    /// </summary>
    public void EndBreaks(BackendState closed)
    {
        string cause = $"'{closed.Id}' works";
        IEnumerable<CircuitBreaker> others = Volatile.Read(ref _listed)
            .Where(other => other.CircuitOfBreaker == CircuitState.Open && other.Description.Priority <= closed.Description.Priority)
            .Select(Slot.Get).OfType<CircuitBreaker>()
            .OrderBy(breaker => breaker.HalfOpenAt);
        int ended = 0;
        foreach (CircuitBreaker other in others)
        {
            if (other.EndBreak(cause) && ++ended == EndedTogether)
            {
                break;
            }
        }
    }

    public void Dispose()
    {
    }
}
