using LoadBalancing.Client.Simulation.Scenarios;
using LoadBalancing.Client.Simulation.Time;
using LoadBalancing.Client.Simulation.Traffic;

namespace LoadBalancing.Client.Simulation.Servers;

/// <summary>
/// One backend: works on so many requests at a time, the others queue, first come, first served. How long a request takes is drawn when the work on it begins.
/// </summary>
internal sealed class Server
{
    /// <summary>What it takes to be told that nobody listens there, where the scenario does not say.</summary>
    private const double RefusalLatency = 0.001;

    private readonly VirtualClock _clock;
    private readonly SeededRandom _random;
    private readonly IServerWatch _watch;
    private readonly JobList _working = new();
    private readonly JobList _waiting = new();

    /// <param name="id">The backend's id.</param>
    /// <param name="index">Which of all backends.</param>
    /// <param name="settings">How it is at first.</param>
    /// <param name="clock">The time.</param>
    /// <param name="random">Draws durations and failures.</param>
    /// <param name="watch">Hears what happens.</param>
    public Server(string id, int index, BackendSettings settings, VirtualClock clock, SeededRandom random, IServerWatch watch)
    {
        Id = id;
        Index = index;
        Settings = settings;
        _clock = clock;
        _random = random;
        _watch = watch;
    }

    public string Id { get; }

    public int Index { get; }

    public BackendSettings Settings { get; private set; }

    private bool HasFreePlace => Settings.Concurrency == 0 || _working.Count < Settings.Concurrency;

    /// <summary>A request comes.</summary>
    public void Take(Job job)
    {
        job.Arrive(this, _clock.Now);
        if (Settings.IsDown)
        {
            job.End = JobEnd.Refused;
            job.Plan(_clock, _clock.Now + (Settings.ErrorLatency ?? RefusalLatency));
            return;
        }

        if (HasFreePlace)
        {
            Begin(job);
        }
        else
        {
            _waiting.Add(job);
        }

        TellLoad();
    }

    /// <summary>Whoever sent a request gave up: it leaves at once, and its place is free; unless nobody here looks at that, and what was asked for is done all the same.</summary>
    public void Withdraw(Job job)
    {
        job.CallOff();
        if (job.List is not { } list)
        {
            return;
        }

        if (Settings.IgnoresCancellation)
        {
            AbandonedJob rest = new(job);
            list.Replace(job, rest);
            if (list == _working && !Settings.Hangs)
            {
                rest.Plan(_clock, job.DoneAt);
            }
        }
        else
        {
            list.Remove(job);
            BeginWaiting();
            TellLoad();
        }
    }

    /// <summary>Something about the server changes.</summary>
    public void Change(BackendSettings settings)
    {
        bool hung = Settings.Hangs;
        Settings = settings;
        if (settings.IsDown)
        {
            Lose(_working);
            Lose(_waiting);
        }

        if (settings.Hangs != hung)
        {
            for (Job? job = _working.First; job is not null; job = job.Next)
            {
                if (settings.Hangs)
                {
                    job.Left = job.DoneAt - _clock.Now;
                    job.CallOff();
                }
                else
                {
                    job.Plan(_clock, _clock.Now + job.Left);
                }
            }
        }

        BeginWaiting();
        TellLoad();
    }

    /// <summary>The planned end of a job is here.</summary>
    public void Finish(Job job)
    {
        if (job.List is { } list)
        {
            list.Remove(job);
            BeginWaiting();
            TellLoad();
        }

        job.OnEnded(job.End);
    }

    private void BeginWaiting()
    {
        while (_waiting.First is { } job && HasFreePlace)
        {
            _waiting.Remove(job);
            Begin(job);
        }
    }

    private void Begin(Job job)
    {
        _working.Add(job);
        bool fails = Settings.ErrorRate > 0 && _random.NextDouble() < Settings.ErrorRate;
        job.End = fails ? JobEnd.Error : JobEnd.Answered;
        job.Left = fails && Settings.ErrorLatency is { } latency ? latency : Settings.Latency.Draw(_random);
        _watch.OnBegin(job.Arrived, _clock.Now - job.Arrived, job.Left);
        if (!Settings.Hangs)
        {
            job.Plan(_clock, _clock.Now + job.Left);
        }
    }

    private static void Lose(JobList jobs)
    {
        while (jobs.First is { } job)
        {
            jobs.Remove(job);
            job.CallOff();
            job.OnEnded(JobEnd.Lost);
        }
    }

    private void TellLoad() => _watch.OnLoad(_working.Count + _waiting.Count, _waiting.Count);
}
