using LoadBalancing.Client.Simulation.Scenarios;

namespace LoadBalancing.Client.Simulation.Results;

/// <summary>Keeps all that is worth knowing about one run.</summary>
internal sealed class RunRecorder
{
    private readonly IntervalGrid _grid;
    private readonly List<AvailabilityEvent> _availability = [];
    private readonly List<CircuitEvent> _circuits = [];

    public RunRecorder(ScenarioPlan scenario)
    {
        _grid = new IntervalGrid(scenario.Duration, scenario.WarmUp);
        Requests = new RequestRecorder(_grid);
        Backends = [.. scenario.Groups.SelectMany(group => group.Ids.Select(id => new BackendRecorder(id, group.Name, _grid)))];
    }

    public RequestRecorder Requests { get; }

    /// <summary>In the scenario's order.</summary>
    public IReadOnlyList<BackendRecorder> Backends { get; }

    /// <summary>Whether a request that arrives now counts.</summary>
    public bool IsCounted(double arrived) => _grid.IsCounted(arrived);

    public void Add(AvailabilityEvent happening) => _availability.Add(happening);

    public void Add(CircuitEvent happening) => _circuits.Add(happening);

    public RunResult CreateResult(string policy, IReadOnlyList<string> notices)
    {
        long[] attempts = [.. Enumerable.Range(0, _grid.Count).Select(index => Backends.Sum(backend => backend.AttemptsIn(index)))];
        foreach (BackendRecorder backend in Backends)
        {
            backend.Close();
        }

        return new RunResult
        {
            Summary = Summarize(policy),
            Interval = TimeSpan.FromSeconds(_grid.Length),
            WarmUp = TimeSpan.FromSeconds(_grid.WarmUp),
            Intervals = Requests.CreateIntervals(),
            Backends = [.. Backends.Select(backend => backend.CreateSeries(attempts))],
            AvailabilityEvents = _availability,
            CircuitEvents = _circuits,
            Notices = notices,
        };
    }

    private RunSummary Summarize(string policy)
    {
        LatencySample latencies = Requests.Latencies;
        long attempts = Backends.Sum(backend => backend.Attempts);
        return new RunSummary
        {
            Policy = policy,
            Requests = latencies.Count,
            Successes = Requests[RequestResult.Success],
            Failures = Requests[RequestResult.Failure],
            Timeouts = Requests[RequestResult.Timeout],
            Retries = Requests.Retries,
            SuccessRate = Rounded.Share(Requests[RequestResult.Success], latencies.Count),
            MeanMs = Rounded.Number(latencies.MeanMs),
            P50Ms = Rounded.Number(latencies.PercentileMs(0.5)),
            P90Ms = Rounded.Number(latencies.PercentileMs(0.9)),
            P99Ms = Rounded.Number(latencies.PercentileMs(0.99)),
            P999Ms = Rounded.Number(latencies.PercentileMs(0.999)),
            MaxMs = Rounded.Number(latencies.MaxMs),
            MaxOverMeanLoad = attempts == 0 ? 0 : Rounded.Number(Backends.Max(backend => backend.Attempts) * Backends.Count / (double)attempts),
            PerBackend = [.. Backends.Select(backend => backend.Summarize(attempts))],
        };
    }
}
