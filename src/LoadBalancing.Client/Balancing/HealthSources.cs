using LoadBalancing.Client.Backends;
using LoadBalancing.Client.CircuitBreaking;
using LoadBalancing.Client.Health.Outliers;
using LoadBalancing.Client.Timing;

namespace LoadBalancing.Client.Balancing;

/// <summary>Everything that finds out by itself whether a backend works. Guarded by the writers' lock.</summary>
internal sealed class HealthSources : IDisposable
{
    private const int SlicesPerWindow = 10;

    private readonly TimeProvider _timeProvider;
    private readonly Schedule _schedule;
    private readonly CircuitBreakers _circuitBreakers;
    private readonly OutlierDetector _outliers;
    private readonly IHealthSource[] _all;
    private CoarseClock _clock;
    private TimeSpan _slice;
    private bool _isStarted;

    public HealthSources(BalancerEnvironment environment, Schedule schedule)
    {
        _timeProvider = environment.TimeProvider;
        _schedule = schedule;
        _circuitBreakers = new CircuitBreakers(environment.TimeProvider, environment.Random, schedule);
        _outliers = new OutlierDetector(environment.TimeProvider, environment.Random, schedule);
        _all = [_circuitBreakers, _outliers];
        _slice = _circuitBreakers.Options.SamplingDuration / SlicesPerWindow;
        _clock = new CoarseClock(_timeProvider, schedule, _slice);
    }

    /// <summary>Puts other options in force.</summary>
    /// <returns>Whether backends have to be attached again.</returns>
    public bool Configure(BalancerOptions options)
    {
        bool isOther = ConfigureCircuitBreakers(options.CircuitBreaker);
        return ConfigureOutliers(options.OutlierDetection) || isOther;
    }

    /// <summary>Gives a backend what judges it. Its counts begin anew; what was found out about it stays.</summary>
    public void Attach(BackendState backend)
    {
        BackendJudge[] judges = [.. _all.Select(source => source.CreateJudge(backend)).OfType<BackendJudge>()];
        backend.SetTally(judges.Length == 0 ? null : new AttemptTally(backend, judges, _clock));
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
