namespace LoadBalancing.Client.Backends;

/// <summary>
/// How a backend speaks to the balancer above it without knowing it: given at creation, so that neither an attempt nor a lease has to carry the balancer.
/// </summary>
internal abstract class BackendHost
{
    /// <summary>A flag of the backend was set or cleared.</summary>
    public abstract void AvailabilityChanged(BackendState backend);

    /// <summary>An attempt on the backend got its response, or is over. Called once per phase.</summary>
    public abstract void Report(BackendState backend, AttemptPhases phases, in Outcome outcome, long started);
}
