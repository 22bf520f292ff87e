namespace LoadBalancing.Client.Simulation;

/// <summary>The circuit of a backend moved.</summary>
/// <param name="Seconds">When.</param>
/// <param name="Client">Whose balancer; from 0.</param>
/// <param name="Backend">The backend's id.</param>
/// <param name="From">Its state before.</param>
/// <param name="To">Its state since.</param>
/// <param name="Cause">Why.</param>
public sealed record CircuitEvent(double Seconds, int Client, string Backend, CircuitState From, CircuitState To, string Cause);
