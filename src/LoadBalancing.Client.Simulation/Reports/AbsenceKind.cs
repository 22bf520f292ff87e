namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>Why a backend got no attempts, or few.</summary>
internal enum AbsenceKind
{
    ProbeFailed,
    Ejected,
    CircuitOpen,
    CircuitHalfOpen,
    Draining,
    Isolated,
}
