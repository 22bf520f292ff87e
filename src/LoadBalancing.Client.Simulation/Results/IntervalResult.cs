namespace LoadBalancing.Client.Simulation;

/// <summary>The requests that arrived in one interval. Latencies are 0 when there were none.</summary>
/// <param name="StartSeconds">When it began.</param>
/// <param name="Requests">How many arrived.</param>
/// <param name="Successes">How many of these were answered in time.</param>
/// <param name="Failures">How many ended with an error.</param>
/// <param name="Timeouts">How many were not answered in time.</param>
/// <param name="P50Ms">Half of them took no longer than this, in milliseconds.</param>
/// <param name="P90Ms">90 % took no longer than this.</param>
/// <param name="P99Ms">99 % took no longer than this.</param>
/// <param name="MaxMs">The longest.</param>
public sealed record IntervalResult(double StartSeconds, long Requests, long Successes, long Failures, long Timeouts, double P50Ms, double P90Ms, double P99Ms, double MaxMs);
