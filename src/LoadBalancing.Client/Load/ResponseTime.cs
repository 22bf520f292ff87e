using LoadBalancing.Client.Backends;

namespace LoadBalancing.Client.Load;

/// <summary>The average response time of one backend over a sliding window. Thread safe.</summary>
/// <remarks>
/// A failure counts as at least 5 s, but as no more than doubles the average; from the third in a row on the average is at least that. A cancellation counts if it took longer than the average.
/// </remarks>
internal sealed class ResponseTime : IBackendObserver
{
    private const double ShortestSeconds = 1e-7;

    private readonly PeriodicRefresh _refresh;
    private readonly SlidingSum _samples;
    private FailureStreak _failures;

    public ResponseTime(TimeProvider timeProvider, TimeSpan window, PeriodicRefresh refresh)
    {
        _refresh = refresh;
        _samples = new SlidingSum((long)(window.TotalSeconds * timeProvider.TimestampFrequency));
    }

    /// <summary>Whether the last attempts all failed, three at least.</summary>
    public bool IsFailing => _failures.IsSerious;

    /// <summary>The average in seconds; <see langword="null"/> when the window has no sample.</summary>
    public double? Average(long now)
    {
        (long sum, long count) = _samples.Read(now);
        if (count <= 0)
        {
            return IsFailing ? FailureStreak.PenaltySeconds : null;
        }

        double average = Math.Max(TimeSpan.FromTicks(sum).TotalSeconds / count, ShortestSeconds);
        return IsFailing ? Math.Max(average, FailureStreak.PenaltySeconds) : average;
    }

    /// <inheritdoc/>
    public void Observe(in AttemptReport report)
    {
        switch (report.Outcome.Kind)
        {
            case OutcomeKind.Succeeded when report.IsResponse:
                _failures.Succeed();
                _samples.Add(report.Latency.Ticks, report.Now);
                break;
            case OutcomeKind.Failed or OutcomeKind.ConnectFailed:
                TakeFailure(report);
                break;
            case OutcomeKind.Canceled when report.IsResponse && !(report.Latency.TotalSeconds <= Average(report.Now)):
                _samples.Add(report.Latency.Ticks, report.Now);
                break;
            default:
                return;
        }

        _refresh.Tick(report.Now);
    }

    private void TakeFailure(in AttemptReport report)
    {
        long penalty = TimeSpan.FromSeconds(FailureStreak.Penalty(report)).Ticks;
        if (!_failures.Fail())
        {
            // Without a sample there is no average to double, and nothing to say yet.
            (long sum, long count) = _samples.Read(report.Now);
            if (count <= 0)
            {
                return;
            }

            penalty = Math.Min(penalty, sum + (2 * sum / count));
        }

        _samples.Add(penalty, report.Now);
    }
}
