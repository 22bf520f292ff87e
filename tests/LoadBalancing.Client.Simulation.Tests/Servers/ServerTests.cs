using LoadBalancing.Client.Simulation.Scenarios;
using LoadBalancing.Client.Simulation.Servers;
using LoadBalancing.Client.Simulation.Time;
using LoadBalancing.Client.Simulation.Traffic;

namespace LoadBalancing.Client.Simulation.Tests.Servers;

/// <summary>One server with one worker, and ten seconds of work per job.</summary>
public sealed class ServerTests
{
    private static readonly BackendSettings OneWorker = new() { Latency = new ConstantLatency(10_000), Concurrency = 1 };

    private readonly VirtualClock _clock = new();
    private readonly List<string> _log = [];
    private readonly Watch _watch = new();
    private readonly Server _server;

    public ServerTests() => _server = new Server("server", 0, OneWorker, _clock, new SeededRandom(1, RandomPurpose.Service), _watch);

    [Fact]
    public void Take_OneWorker_ServesInOrder()
    {
        Take("a", "b", "c");
        RunAll();

        _log.ShouldBe(["a Answered 10", "b Answered 20", "c Answered 30"]);
    }

    [Fact]
    public void Withdraw_OneThatIsWorkedOn_LetsTheNextBegin()
    {
        TestJob[] jobs = Take("a", "b", "c");

        At(4, () => _server.Withdraw(jobs[0]));
        RunAll();

        _log.ShouldBe(["b Answered 14", "c Answered 24"]);
        _watch.Last.ShouldBe((0, 0));
    }

    [Fact]
    public void Withdraw_OneThatWaits_LetsTheOthersMoveUp()
    {
        TestJob[] jobs = Take("a", "b", "c");

        At(4, () => _server.Withdraw(jobs[1]));
        RunAll();

        _log.ShouldBe(["a Answered 10", "c Answered 20"]);
    }

    [Fact]
    public void Withdraw_ServerIgnoresCancellation_IsDoneAllTheSame()
    {
        _server.Change(OneWorker with { IgnoresCancellation = true });
        TestJob[] jobs = Take("a", "b", "c", "d");

        At(4, () => _server.Withdraw(jobs[0]));
        At(5, () => _server.Withdraw(jobs[2]));
        RunAll();

        _log.ShouldBe(["b Answered 20", "d Answered 40"]);
        _watch.Last.ShouldBe((0, 0));
    }

    [Fact]
    public void Withdraw_ServerHangsAndIgnoresCancellation_IsDoneWhenThatIsOver()
    {
        _server.Change(OneWorker with { IgnoresCancellation = true, Hangs = true });
        TestJob[] jobs = Take("a", "b");

        At(4, () => _server.Withdraw(jobs[0]));
        At(5, () => _server.Change(OneWorker with { IgnoresCancellation = true }));
        RunAll();

        _log.ShouldBe(["b Answered 25"]);
    }

    [Fact]
    public void Change_MoreWorkers_BeginAtOnce()
    {
        Take("a", "b", "c");

        At(4, () => _server.Change(OneWorker with { Concurrency = 0 }));
        RunAll();

        _log.ShouldBe(["a Answered 10", "b Answered 14", "c Answered 14"]);
    }

    [Fact]
    public void Change_FewerWorkers_FinishWhatTheyDo()
    {
        _server.Change(OneWorker with { Concurrency = 2 });
        Take("a", "b", "c", "d");

        At(4, () => _server.Change(OneWorker));
        RunAll();

        _log.ShouldBe(["a Answered 10", "b Answered 10", "c Answered 20", "d Answered 30"]);
    }

    [Fact]
    public void Change_Hang_StopsWorkAndGoesOn()
    {
        TestJob[] jobs = Take("a", "b");

        At(4, () => _server.Change(OneWorker with { Hangs = true }));
        At(5, () => _server.Withdraw(jobs[0]));
        At(6, () => _server.Change(OneWorker with { Hangs = true, ErrorRate = 0.5 }));
        At(7, () => _server.Change(OneWorker));
        RunAll();

        _log.ShouldBe(["b Answered 17"]);
    }

    [Fact]
    public void Change_Down_LosesAllAndRefuses()
    {
        Take("a", "b");

        At(4, () => _server.Change(OneWorker with { IsDown = true }));
        At(5, () => Take("c"));
        At(6, () => _server.Change(OneWorker));
        At(7, () => Take("d"));
        RunAll();

        _log.ShouldBe(["a Lost 4", "b Lost 4", "c Refused 5.001", "d Answered 17"]);
        _watch.Last.ShouldBe((0, 0));
    }

    [Fact]
    public void Change_DownWithALatency_RefusesAfterIt()
    {
        _server.Change(OneWorker with { IsDown = true, ErrorLatency = 2 });
        TestJob[] jobs = Take("a", "b");

        At(1, () => _server.Withdraw(jobs[0]));
        RunAll();

        _log.ShouldBe(["b Refused 2"]);
    }

    [Fact]
    public void Take_AllFail_TakesTheErrorsTime()
    {
        _server.Change(OneWorker with { ErrorRate = 1, ErrorLatency = 3 });
        Take("a", "b");
        RunAll();

        _log.ShouldBe(["a Error 3", "b Error 6"]);
    }

    private TestJob[] Take(params string[] names)
    {
        TestJob[] jobs = [.. names.Select(name => new TestJob(name, this))];
        Array.ForEach(jobs, _server.Take);
        return jobs;
    }

    private void At(double time, Action action) => _clock.Schedule(time, new Happening(action));

    private void RunAll()
    {
        while (_clock.HasWork)
        {
            _clock.RunNext();
        }
    }

    private sealed class TestJob(string name, ServerTests test) : Job
    {
        public override void OnEnded(JobEnd end) => test._log.Add(FormattableString.Invariant($"{name} {end} {test._clock.Now}"));
    }

    private sealed class Happening(Action action) : IEvent
    {
        public void Run(int tag) => action();
    }

    private sealed class Watch : IServerWatch
    {
        public (int InFlight, int Waiting) Last { get; private set; }

        public void OnLoad(int inFlight, int waiting) => Last = (inFlight, waiting);

        public void OnBegin(double arrived, double waited, double work)
        {
        }
    }
}
