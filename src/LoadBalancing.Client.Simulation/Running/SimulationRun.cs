using LoadBalancing.Client.Simulation.Results;
using LoadBalancing.Client.Simulation.Scenarios;
using LoadBalancing.Client.Simulation.Time;
using LoadBalancing.Client.Simulation.Traffic;

namespace LoadBalancing.Client.Simulation.Running;

/// <summary>One policy, one scenario, once: requests arrive, and everything else follows. One thread only.</summary>
internal sealed class SimulationRun : IEvent, IDisposable
{
    private readonly PolicyChoice _policy;
    private readonly RunLog _log = new();
    private readonly List<Client> _clients = [];
    private readonly HashSet<WaitingLine> _occupiedLines = [];
    private readonly List<SimulatedRequest> _requests = [];
    private readonly Stack<SimulatedRequest> _freeRequests = new();
    private readonly Stack<SimulatedAttempt> _freeAttempts = new();
    private readonly ArrivalStream _arrivals;
    private readonly SeededRandom _whichClient;
    private readonly KeyStream? _keys;
    private bool _haveAllArrived;

    public SimulationRun(ScenarioPlan scenario, PolicyChoice policy, IWorkTrace? trace)
    {
        Scenario = scenario;
        _policy = policy;
        Recorder = new RunRecorder(scenario);
        Fleet = new Fleet(scenario, Clock, Recorder, trace, Announce);
        _arrivals = new ArrivalStream(scenario.Arrivals, new SeededRandom(scenario.Seed, RandomPurpose.Arrivals));
        _whichClient = new SeededRandom(scenario.Seed, RandomPurpose.Clients);
        _keys = scenario.Keys is { } keys ? new KeyStream(keys, new SeededRandom(scenario.Seed, RandomPurpose.Keys)) : null;
        _log.Add(ScenarioNotices.Find(scenario));
        for (int i = 0; i < scenario.Clients; i++)
        {
            _clients.Add(new Client(i, scenario, policy, Fleet, Clock, Recorder, _log, _occupiedLines));
        }
    }

    public ScenarioPlan Scenario { get; }

    public VirtualClock Clock { get; } = new();

    public RunRecorder Recorder { get; }

    public Fleet Fleet { get; }

    public Parking Parking { get; } = new();

    public IReadOnlyList<Client> Clients => _clients;

    private bool HasOpenRequests => _freeRequests.Count < _requests.Count;

    /// <exception cref="InvalidOperationException">A balancer reported an error, such as a policy that threw.</exception>
    public RunResult Play()
    {
        Fleet.Start();
        PlanArrival();
        while (Clock.HasWork && (!_haveAllArrived || HasOpenRequests))
        {
            Clock.RunNext();
            Parking.ReleaseReady();
            ServeLines();
        }

        _requests.Where(request => request.IsOpen).ToList().ForEach(request => request.Abandon());
        return _log.Error is { } error
            ? throw new InvalidOperationException($"{Scenario.File}: policy {_policy.Label}: {error}")
            : Recorder.CreateResult(_policy.Label, _log.Notices);
    }

    /// <summary>A request arrives.</summary>
    public void Run(int tag)
    {
        if (!_freeRequests.TryPop(out SimulatedRequest? request))
        {
            _requests.Add(request = new SimulatedRequest(this));
        }

        Client client = _clients.Count == 1 ? _clients[0] : _clients[_whichClient.Next(_clients.Count)];
        request.Start(client, _keys?.Next());

        // After what the request has planned: who is answered just when another arrives has left by then, unless the roundings of both times say otherwise.
        PlanArrival();
    }

    public SimulatedAttempt RentAttempt() => _freeAttempts.TryPop(out SimulatedAttempt? attempt) ? attempt : new SimulatedAttempt();

    public void Return(SimulatedAttempt attempt) => _freeAttempts.Push(attempt);

    public void Return(SimulatedRequest request) => _freeRequests.Push(request);

    public void Dispose()
    {
        _clients.ForEach(client => client.Dispose());
        _log.Dispose();
    }

    private void PlanArrival()
    {
        if (_arrivals.Next() is { } time)
        {
            Clock.Schedule(time, this);
        }
        else
        {
            _haveAllArrived = true;
        }
    }

    private void ServeLines()
    {
        if (_occupiedLines.Count > 0)
        {
            foreach (WaitingLine line in _occupiedLines.ToArray())
            {
                line.Serve();
            }
        }
    }

    private void Announce() => _clients.ForEach(client => client.Announce());
}
