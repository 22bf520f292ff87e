namespace LoadBalancing.Client.Backends;

/// <summary>
/// How a backend speaks to the balancer above it without knowing it: given at creation, so that neither an attempt nor a lease has to carry the balancer.
/// </summary>
internal abstract class BackendHost
{
    /// <summary>The balancer's name.</summary>
    public abstract string ServiceName { get; }

    /// <summary>Tells those who wait for room on a backend at its cap.</summary>
    public RoomSignal Room { get; } = new();

    /// <summary>A flag of the backend was set, or cleared (then there is no verdict). What follows from it is published at once, or soon; it is announced at the next <see cref="Speak"/>.</summary>
    public abstract void AvailabilityChanged(BackendState backend, Unavailability flag, bool isSet, Verdict? verdict);

    /// <summary>The circuit breaker of the backend has moved; an open circuit stays open for the duration.</summary>
    public abstract void CircuitChanged(BackendState backend, CircuitState from, CircuitState to, string cause, TimeSpan? duration);

    /// <summary>The backend was probed.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="duration">How long that took.</param>
    /// <param name="errorType">What kind of failure; <see langword="null"/> for a success.</param>
    /// <param name="news">What the probe threw, when that is what took the backend out.</param>
    public abstract void ProbeEnded(BackendState backend, TimeSpan duration, string? errorType, Exception? news);

    /// <summary>The backend would have been ejected, had the cap not been reached.</summary>
    public abstract void EjectionRefused(BackendState backend, string kind, string cause);

    /// <summary>Announces what has changed to logs, metrics and the application. Called by whoever has changed something, once no lock is held.</summary>
    public abstract void Speak();

    /// <summary>An attempt on the backend got its response, or is over. Called once per phase.</summary>
    public abstract void Report(BackendState backend, AttemptPhases phases, in Outcome outcome, long started, int era);
}
