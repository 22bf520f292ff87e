namespace LoadBalancing.Client.Health.Probing;

/// <summary>That a backend is to be asked now, as the options had it when its time came.</summary>
/// <param name="Monitor">Who asks.</param>
/// <param name="Setup">What is asked.</param>
internal readonly record struct ProbeTurn(BackendMonitor Monitor, ProbeSetup Setup)
{
    /// <summary>Takes the turn.</summary>
    /// <returns>Whether it is over already; otherwise the probe leaves the queue when it is.</returns>
    public bool Run() => Monitor.Probe(Setup);
}
