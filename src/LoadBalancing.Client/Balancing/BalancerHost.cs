using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Telemetry;

namespace LoadBalancing.Client.Balancing;

/// <summary>Hears the backends of one balancer: hands what attempts report to observers, instruments and discovery, and changes of availability to the reconciler.</summary>
internal sealed class BalancerHost(BalancerEnvironment environment) : BackendHost
{
    private BalancerInstruments _instruments = null!;
    private BackendDirectory _directory = null!;
    private Reconciler _reconciler = null!;
    private Announcer _announcer = null!;
    private HealthSources _health = null!;

    public override string ServiceName => environment.Name;

    /// <summary>Closes the circle: those who hear make the backends that speak.</summary>
    public void Connect(BalancerInstruments instruments, BackendDirectory directory, Reconciler reconciler, Announcer announcer, HealthSources health) =>
        (_instruments, _directory, _reconciler, _announcer, _health) = (instruments, directory, reconciler, announcer, health);

    public override void AvailabilityChanged(BackendState backend, Unavailability flag, bool isSet, Verdict? verdict)
    {
        _announcer.OnFlagChanged(backend, flag, isSet, verdict);
        _reconciler.OnAvailabilityChanged(backend);
    }

    public override void CircuitChanged(BackendState backend, CircuitState from, CircuitState to, string cause, TimeSpan? duration)
    {
        _announcer.OnCircuitChanged(backend, from, to, cause, duration);
        if (to == CircuitState.Closed)
        {
            // From half-open no flag changes, but one more is there to rely on.
            _reconciler.OnAvailabilityChanged(backend);
        }
    }

    public override void ProbeEnded(BackendState backend, TimeSpan duration, string? errorType, Exception? news)
    {
        if (_instruments.TimesProbes)
        {
            _announcer.Add(() => _instruments.RecordProbe(backend, duration, errorType));
        }

        if (news is not null)
        {
            _announcer.Add(() => Log.ProbeFailureDetail(environment.Logger, news, environment.Name, backend.Id));
        }
    }

    public override void EjectionRefused(BackendState backend, string kind, string cause) => _announcer.OnEjectionRefused(backend, kind, cause);

    public override void Speak() => _reconciler.Speak();

    public override void Report(BackendState backend, AttemptPhases phases, in Outcome outcome, long started, int era)
    {
        bool isNews = outcome.IsFailure
            ? (phases & AttemptPhases.AfterFailure) == 0
            : outcome.Kind == OutcomeKind.Succeeded && (phases & AttemptPhases.Response) != 0 && TallyOf(backend) is { } tally && tally.CountSuccess(era);

        // What began when nobody wanted its time has none to tell; who has come since hears of the next ones, and of those that somebody else has timed.
        if (isNews || (started != Attempt.Untimed && (backend.HasObservers || _instruments.TimesAttempts)))
        {
            ReportInFull(backend, phases, outcome, started, era, isNews);
        }
    }

    private void ReportInFull(BackendState backend, AttemptPhases phases, in Outcome outcome, long started, int era, bool isNews)
    {
        long now = AttemptReport.NotRead;
        AttemptReport report = new(backend, phases, in outcome, started, ref now, environment.TimeProvider, era);
        if (isNews && TallyOf(backend) is { } tally)
        {
            if (outcome.IsFailure)
            {
                tally.CountFailure(report);
            }
            else
            {
                tally.TellSuccess(report);
            }
        }

        if (started != Attempt.Untimed)
        {
            TellObservers(report);
            if (report.IsResponse && outcome.Kind != OutcomeKind.None && _instruments.TimesAttempts)
            {
                _instruments.RecordAttempt(backend, outcome, report.Latency);
            }
        }

        if (outcome.Kind == OutcomeKind.ConnectFailed)
        {
            _directory.RequestRefresh();
        }
    }

    private AttemptTally? TallyOf(BackendState backend) => backend.Tally ?? (backend.AwaitsTally ? _health.AttachLate(backend) : null);

    private void TellObservers(in AttemptReport report)
    {
        foreach (IBackendObserver observer in report.Backend.Observers)
        {
            try
            {
                observer.Observe(report);
            }
#pragma warning disable CA1031 // An observer must not be able to fail a request, nor to keep the others from hearing of it.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.CodeFailed(environment.Logger, exception, environment.Name, observer.GetType().Name);
            }
        }
    }
}
