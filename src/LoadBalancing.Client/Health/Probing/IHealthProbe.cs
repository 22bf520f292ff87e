namespace LoadBalancing.Client;

/// <summary>
/// Finds out whether a backend works, in a way of your own: <c>UseActiveHealthChecks(options => options.Probe = …)</c>. When, how often and what follows from it is the balancer's business.
/// </summary>
public interface IHealthProbe
{
    /// <summary>
    /// Asks one backend once. Called for many backends at a time, and never again for the same one before it has returned. It begins on the thread of the balancer's timer, so it must not block.
    /// </summary>
    /// <param name="backend">Whom to ask.</param>
    /// <param name="cancellationToken">Canceled when <see cref="ActiveHealthCheckOptions.Timeout"/> is over (which counts as a failure, whatever this returns then), when the backend is gone, and when the balancer is disposed.</param>
    /// <returns>Whether it works. An exception counts as a failure.</returns>
    ValueTask<ProbeResult> CheckAsync(Backend backend, CancellationToken cancellationToken);
}
