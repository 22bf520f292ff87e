using LoadBalancing.Client.Backends;
using LoadBalancing.Client.CircuitBreaking;
using LoadBalancing.Client.Health.Outliers;
using LoadBalancing.Client.Health.Probing;
using LoadBalancing.Client.Timing;

namespace LoadBalancing.Client.Balancing;

/// <summary>Everything that finds out by itself whether a backend works. Guarded by the writers' lock, but for what says otherwise.</summary>
internal sealed class HealthSources : IDisposable
{
    private const int SlicesPerWindow = 10;

    private readonly TimeProvider _timeProvider;
    private readonly Schedule _schedule;
    private readonly CircuitBreakers _circuitBreakers;
    private readonly Prober _prober;
    private readonly OutlierDetector _outliers;
    private readonly IHealthSource[] _all;
    private readonly Lock _attaching = new();
    private CoarseClock _clock;
    private TimeSpan _slice;
    private bool _isStarted;

    public HealthSources(BalancerEnvironment environment, Schedule schedule)
    {
        _timeProvider = environment.TimeProvider;
        _schedule = schedule;
        _circuitBreakers = new CircuitBreakers(environment.TimeProvider, environment.Random, schedule);
        _prober = new Prober(environment.TimeProvider, environment.Random, schedule);
        _outliers = new OutlierDetector(environment.TimeProvider, environment.Random, schedule);
        _all = [_circuitBreakers, _prober, _outliers];
        _slice = _circuitBreakers.Options.SamplingDuration / SlicesPerWindow;
        _clock = new CoarseClock(_timeProvider, schedule, _slice);
    }

    /// <summary>Whether nothing is known yet of a pool that is not trusted before it was asked; see <see cref="FirstRound"/>.</summary>
    public FirstRound FirstRound => _prober.FirstRound;

    /// <summary>Puts other options in force.</summary>
    /// <returns>Whether backends have to be attached again.</returns>
    public bool Configure(BalancerOptions options)
    {
        _prober.Configure(options.ActiveHealthChecks);
        bool isOther = ConfigureCircuitBreakers(options.CircuitBreaker);
        return ConfigureOutliers(options.OutlierDetection) || isOther;
    }

    /// <summary>A backend is made: it gets what judges it, and what is to be known about it before anybody can pick it.</summary>
    public void Introduce(BackendState backend)
    {
        _prober.Introduce(backend);
        Attach(backend);
    }

    /// <summary>Gives a backend what judges it. Its counts begin anew; what was found out about it stays. A circuit breaker alone is made at the first outcome: in a large pool, most backends may never be used.</summary>
    public void Attach(BackendState backend)
    {
        lock (_attaching)
        {
            if (backend.Tally is null && _circuitBreakers.Options.Enabled && !_outliers.Options.Enabled)
            {
                backend.SetTally(null, isAwaited: true);
                return;
            }

            AttachNow(backend);
        }
    }

    /// <summary>The tally of a backend that awaits one; any thread may call this.</summary>
    public AttemptTally? AttachLate(BackendState backend)
    {
        lock (_attaching)
        {
            if (backend.AwaitsTally)
            {
                AttachNow(backend);
            }

            return backend.Tally;
        }
    }

    /// <summary>The list of backends is another one.</summary>
    public void Update(IReadOnlyList<BackendState> listed) => Array.ForEach(_all, source => source.Update(listed));

    public void Start()
    {
        if (!_isStarted)
        {
            _isStarted = true;
            Array.ForEach(_all, source => source.Start());
        }
    }

    public void Dispose() => Array.ForEach(_all, source => source.Dispose());

    private void AttachNow(BackendState backend)
    {
        BackendJudge[] judges = [.. _all.Select(source => source.CreateJudge(backend)).OfType<BackendJudge>()];
        backend.SetTally(judges.Length == 0 ? null : new AttemptTally(backend, judges, _clock));
    }

    private bool ConfigureCircuitBreakers(CircuitBreakerOptions options)
    {
        if (options == _circuitBreakers.Options)
        {
            return false;
        }

        _circuitBreakers.Configure(options with { });
        TimeSpan slice = options.SamplingDuration / SlicesPerWindow;
        if (slice != _slice)
        {
            _slice = slice;
            _clock = new CoarseClock(_timeProvider, _schedule, slice);
        }

        return true;
    }

    private bool ConfigureOutliers(OutlierDetectionOptions options)
    {
        if (options == _outliers.Options)
        {
            return false;
        }

        // Only this makes or breaks a judge: the breaker's window must not begin anew because of a number that it does not know.
        bool isOther = options.Enabled != _outliers.Options.Enabled;
        _outliers.Configure(options.Copy());
        return isOther;
    }
}
