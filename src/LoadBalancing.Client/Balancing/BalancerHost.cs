using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Telemetry;

namespace LoadBalancing.Client.Balancing;

/// <summary>Hears the backends of one balancer: hands what attempts report to observers, instruments and discovery, and changes of availability to the reconciler.</summary>
internal sealed class BalancerHost(BalancerEnvironment environment) : BackendHost
{
    private BalancerInstruments _instruments = null!;
    private BackendDirectory _directory = null!;
    private Reconciler _reconciler = null!;

    /// <summary>Closes the circle: those who hear make the backends that speak.</summary>
    public void Connect(BalancerInstruments instruments, BackendDirectory directory, Reconciler reconciler) =>
        (_instruments, _directory, _reconciler) = (instruments, directory, reconciler);

    public override void AvailabilityChanged(BackendState backend) => _reconciler.OnAvailabilityChanged(backend);

    public override void Report(BackendState backend, AttemptPhases phases, in Outcome outcome, long started)
    {
        if (started == Attempt.Untimed)
        {
            // Began when nobody wanted to know; who has come since hears of the next ones.
            if (outcome.Kind == OutcomeKind.ConnectFailed)
            {
                _directory.RequestRefresh();
            }

            return;
        }

        if (backend.HasObservers || _instruments.TimesAttempts || outcome.Kind == OutcomeKind.ConnectFailed)
        {
            ReportInFull(backend, phases, outcome, started);
        }
    }

    private void ReportInFull(BackendState backend, AttemptPhases phases, in Outcome outcome, long started)
    {
        long now = AttemptReport.NotRead;
        AttemptReport report = new(backend, phases, in outcome, started, ref now, environment.TimeProvider);
        foreach (IBackendObserver observer in backend.Observers)
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

        if (report.IsResponse && outcome.Kind != OutcomeKind.None && _instruments.TimesAttempts)
        {
            _instruments.RecordAttempt(backend, outcome, report.Latency);
        }

        if (outcome.Kind == OutcomeKind.ConnectFailed)
        {
            _directory.RequestRefresh();
        }
    }
}
