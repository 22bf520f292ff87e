namespace LoadBalancing.Client.Health.Probing;

/// <summary>All that follows from one set of options. Replaced as a whole when they change: what an earlier one has begun counts no more.</summary>
internal sealed class ProbeSetup : IDisposable
{
    public ProbeSetup(ActiveHealthCheckOptions options)
    {
        Options = options;
        Queue = new ProbeQueue(options.MaxConcurrent);
        Probe = options.Probe ?? options.Kind switch
        {
            ProbeKind.Tcp => new TcpProbe(options),
            ProbeKind.Grpc => new GrpcProbe(options),
            _ => new HttpProbe(options),
        };
    }

    public ActiveHealthCheckOptions Options { get; }

    public ProbeQueue Queue { get; }

    public IHealthProbe Probe { get; }

    /// <summary>Closes the connections of a probe of ours; one of the application's is the application's.</summary>
    public void Dispose()
    {
        if (Options.Probe is null)
        {
            (Probe as IDisposable)?.Dispose();
        }
    }
}
