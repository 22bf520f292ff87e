namespace LoadBalancing.Client.Simulation;

/// <summary>A balancer set or cleared a flag of a backend.</summary>
/// <param name="Seconds">When.</param>
/// <param name="Client">Whose balancer; from 0.</param>
/// <param name="Backend">The backend's id.</param>
/// <param name="Flag">Which flag.</param>
/// <param name="IsSet">Whether it was set; else it was cleared.</param>
/// <param name="Cause">Why it was set.</param>
public sealed record AvailabilityEvent(double Seconds, int Client, string Backend, Unavailability Flag, bool IsSet, string? Cause);
