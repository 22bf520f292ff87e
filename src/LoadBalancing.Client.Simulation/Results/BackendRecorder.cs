namespace LoadBalancing.Client.Simulation.Results;

/// <summary>Counts the attempts on one backend, and follows its load.</summary>
internal sealed class BackendRecorder(string id, string group, IntervalGrid grid)
{
    private readonly long[] _attempts = new long[grid.Count];
    private readonly long[] _failures = new long[grid.Count];
    private readonly LoadGauge _inFlight = new(grid);
    private readonly LoadGauge _queue = new(grid);
    private long _countedFailures;

    /// <summary>Attempts of requests that count.</summary>
    public long Attempts { get; private set; }

    /// <summary>An attempt is sent.</summary>
    /// <param name="now">The time.</param>
    /// <param name="isCounted">Whether it is one of a request that counts.</param>
    public void OnAttempt(double now, bool isCounted)
    {
        Attempts += isCounted ? 1 : 0;
        if (now < grid.Duration)
        {
            _attempts[grid.IndexOf(now)]++;
        }
    }

    /// <summary>An attempt has failed.</summary>
    public void OnFailure(double now, bool isCounted)
    {
        _countedFailures += isCounted ? 1 : 0;
        if (now < grid.Duration)
        {
            _failures[grid.IndexOf(now)]++;
        }
    }

    public void OnLoad(double now, int inFlight, int waiting)
    {
        _inFlight.Set(now, inFlight);
        _queue.Set(now, waiting);
    }

    public void Close()
    {
        _inFlight.Close();
        _queue.Close();
    }

    public long AttemptsIn(int interval) => _attempts[interval];

    public BackendSummary Summarize(long attemptsOnAll) => new()
    {
        Id = id,
        Requests = Attempts,
        Share = Rounded.Share(Attempts, attemptsOnAll),
        Failures = _countedFailures,
        MeanInFlight = Rounded.Number(_inFlight.Mean),
        MaxInFlight = _inFlight.Max,
    };

    /// <param name="attemptsOnAll">The attempts on all backends, per interval.</param>
    public BackendSeries CreateSeries(long[] attemptsOnAll) => new()
    {
        Id = id,
        Group = group,
        Intervals =
        [
            .. _attempts.Select((attempts, index) => new BackendInterval
            {
                Requests = attempts,
                Share = Rounded.Share(attempts, attemptsOnAll[index]),
                Failures = _failures[index],
                MeanInFlight = _inFlight.MeanOf(index),
                MeanQueue = _queue.MeanOf(index),
            }),
        ],
    };
}
