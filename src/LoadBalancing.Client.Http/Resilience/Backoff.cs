namespace LoadBalancing.Client.Http.Resilience;

/// <summary>How long to wait before a retry: exponential, with "equal jitter" (M. Brooker, "Exponential Backoff And Jitter", 2015), so that it is never nothing.</summary>
internal static class Backoff
{
    /// <param name="options">Base and maximum.</param>
    /// <param name="retry">The number of the retry, from 0.</param>
    /// <param name="random">The balancer's.</param>
    public static TimeSpan Compute(RetryOptions options, int retry, Random random)
    {
        double full = Math.Min(options.MaxDelay.Ticks, options.BaseDelay.Ticks * Math.Pow(2, retry));
        return TimeSpan.FromTicks((long)(full * (0.5 + (random.NextDouble() / 2))));
    }
}
