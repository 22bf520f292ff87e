namespace LoadBalancing.Client.Simulation.Results;

/// <summary>Counts requests, and keeps their latencies.</summary>
internal sealed class RequestRecorder(IntervalGrid grid)
{
    private readonly long[] _results = new long[3];
    private readonly IntervalCounts[] _intervals = [.. Enumerable.Range(0, grid.Count).Select(_ => new IntervalCounts())];

    public LatencySample Latencies { get; } = new();

    public long Retries { get; private set; }

    public long this[RequestResult result] => _results[(int)result];

    /// <summary>A request is over.</summary>
    /// <param name="arrived">When it arrived.</param>
    /// <param name="latency">How long its caller waited.</param>
    /// <param name="result">How it went.</param>
    /// <param name="retries">How often it was tried again.</param>
    public void Add(double arrived, double latency, RequestResult result, int retries)
    {
        IntervalCounts interval = _intervals[grid.IndexOf(arrived)];
        interval.Results[(int)result]++;
        interval.Latencies.Add(latency);
        if (grid.IsCounted(arrived))
        {
            _results[(int)result]++;
            Latencies.Add(latency);
            Retries += retries;
        }
    }

    public IReadOnlyList<IntervalResult> CreateIntervals() => [.. _intervals.Select((interval, index) => interval.CreateResult(index * grid.Length))];

    private sealed class IntervalCounts
    {
        public LatencySample Latencies { get; } = new();

        public long[] Results { get; } = new long[3];

        public IntervalResult CreateResult(double start) => new()
        {
            StartSeconds = start,
            Requests = Latencies.Count,
            Successes = Results[(int)RequestResult.Success],
            Failures = Results[(int)RequestResult.Failure],
            Timeouts = Results[(int)RequestResult.Timeout],
            P50Ms = Latencies.PercentileMs(0.5),
            P90Ms = Latencies.PercentileMs(0.9),
            P99Ms = Latencies.PercentileMs(0.99),
            MaxMs = Latencies.MaxMs,
        };
    }
}
