namespace LoadBalancing.Client;

/// <summary>What an active health check asks a backend.</summary>
public enum ProbeKind
{
    /// <summary>A GET request, whose status is to be one of the expected. For http and https backends.</summary>
    Http,

    /// <summary>Whether a connection is accepted, no more: a process that accepts and hangs passes. For backends of any scheme.</summary>
    Tcp,

    /// <summary>The method <c>Check</c> of <c>grpc.health.v1.Health</c>, over HTTP/2 (with prior knowledge where there is no TLS). For http and https backends.</summary>
    Grpc,
}
