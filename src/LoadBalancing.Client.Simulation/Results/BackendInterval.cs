namespace LoadBalancing.Client.Simulation;

/// <summary>One backend in one interval.</summary>
/// <param name="Requests">Attempts that were sent to it.</param>
/// <param name="Share">Its share of the attempts on all backends, from 0 to 1; 0 when there were none.</param>
/// <param name="Failures">Attempts that failed there in this interval.</param>
/// <param name="MeanInFlight">How many attempts were there on average, working or waiting.</param>
/// <param name="MeanQueue">How many of these waited on average.</param>
public readonly record struct BackendInterval(long Requests, double Share, long Failures, double MeanInFlight, double MeanQueue);
