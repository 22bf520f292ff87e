namespace LoadBalancing.Client.Http.Resilience.Hedging;

/// <summary>How long a request may take before another backend is asked too: a fixed time, or what most of the recent ones took.</summary>
/// <remarks>
/// Only first attempts are timed, and only answers that are no failure: one that fails fast must not make hedging eager. But an attempt that was ended early counts with the time it had, if that is as long as the delay, since it
/// would have taken longer: without the slowest, the percentile would sink, and with it the delay, and so on. What was ended earlier than that could have been anything, and is left out.
/// </remarks>
internal sealed class HedgeTiming
{
    private readonly HedgingOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly LatencyWindow? _window;

    public HedgeTiming(HedgingOptions options, Balancer balancer)
    {
        _options = options;
        _timeProvider = balancer.TimeProvider;
        _window = options.PercentileInForce is null ? null : LatencyWindow.Of(balancer);
    }

    /// <summary>The time to wait, in whole milliseconds, which is what timers count; <see langword="null"/> when there are too few samples to tell.</summary>
    public TimeSpan? FindDelay() =>
        _window?.FindPercentile(_options.PercentileInForce!.Value, _options.MinSamples, _timeProvider.GetTimestamp()) is { } percentile
            ? TimeSpan.FromMilliseconds(Math.Ceiling(percentile.TotalMilliseconds))
            : _options.Delay;

    /// <summary>A first attempt has ended by itself.</summary>
    /// <param name="end">How.</param>
    /// <param name="delay">What <see cref="FindDelay"/> has said for its request.</param>
    public void Record(in AttemptEnd end, TimeSpan? delay)
    {
        bool isSample = end.Stop switch
        {
            AttemptStop.None => end is { Failure: AttemptFailure.None, ErrorType: null },
            AttemptStop.Timeout or AttemptStop.RequestTimeout => true,
            AttemptStop.Canceled => end.Elapsed >= delay,
            _ => false,
        };
        if (isSample && end.Elapsed is { } elapsed)
        {
            Record(elapsed);
        }
    }

    /// <summary>A first attempt was ended because another one was faster.</summary>
    public void Record(TimeSpan elapsed) => _window?.Record(elapsed, _timeProvider.GetTimestamp());
}
