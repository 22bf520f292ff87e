using Polly;
using Polly.Retry;

namespace LoadBalancing.Client.Http.Resilience;

/// <summary>
/// The loop of retries, by Polly: attempt, decision, delay, and so on, synchronously or not. What it handles is the request itself, not its response, so that the answer at hand stays until it is known to be replaced;
/// and the delay comes from the decision, which has to know whether it fits into the time that is left.
/// </summary>
internal static class RetryPipeline
{
    public static ResiliencePipeline<Retrying> Create(RetryOptions options, TimeProvider timeProvider, Random random) =>
        new ResiliencePipelineBuilder<Retrying> { TimeProvider = timeProvider }
            .AddRetry(new RetryStrategyOptions<Retrying>
            {
                MaxRetryAttempts = options.MaxAttempts - 1,
                Delay = TimeSpan.Zero,
                Randomizer = random.NextDouble,
                ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Result is { } retrying && retrying.TryPlan()),
                DelayGenerator = static arguments => ValueTask.FromResult<TimeSpan?>(arguments.Outcome.Result?.Delay),
            })
            .Build();
}
