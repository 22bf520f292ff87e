using LoadBalancing.Client.Simulation.Time;

namespace LoadBalancing.Client.Simulation.Servers;

/// <summary>A request at a server. Used again and again; an end that was planned for an earlier use, or called off, is told by its number.</summary>
internal abstract class Job : IEvent
{
    private int _plan;

    public Server Server { get; private set; } = null!;

    /// <summary>When it came, in seconds.</summary>
    public double Arrived { get; private set; }

    /// <summary>How much of the work is left; of one that is being worked on, what was left when that was last looked at.</summary>
    public double Left { get; set; }

    /// <summary>When it will be done; meaningful while that is planned.</summary>
    public double DoneAt { get; private set; }

    /// <summary>What it will end with.</summary>
    public JobEnd End { get; set; }

    /// <summary>The list that it is in; <see langword="null"/> for none.</summary>
    public JobList? List { get; set; }

    public Job? Previous { get; set; }

    public Job? Next { get; set; }

    public void Arrive(Server server, double now)
    {
        Server = server;
        Arrived = now;
    }

    /// <summary>Plans its end.</summary>
    public void Plan(VirtualClock clock, double at)
    {
        DoneAt = at;
        clock.Schedule(at, this, ++_plan);
    }

    /// <summary>Calls off what is planned.</summary>
    public void CallOff() => _plan++;

    public void Run(int tag)
    {
        if (tag == _plan)
        {
            Server.Finish(this);
        }
    }

    /// <summary>It is over, and has left the server.</summary>
    public abstract void OnEnded(JobEnd end);
}
