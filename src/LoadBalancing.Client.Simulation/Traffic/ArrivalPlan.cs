namespace LoadBalancing.Client.Simulation.Traffic;

/// <summary>When requests arrive.</summary>
/// <param name="IsPoisson">Whether independently of one another; else at even distances.</param>
/// <param name="Rates">How many per second, from when on; the first from 0 on.</param>
/// <param name="End">Nothing arrives from here on, in seconds.</param>
internal sealed record ArrivalPlan(bool IsPoisson, IReadOnlyList<RateStep> Rates, double End);
