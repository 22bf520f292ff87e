using LoadBalancing.Client.Simulation.Time;

namespace LoadBalancing.Client.Simulation.Running;

/// <summary>How a request gets a backend for one attempt: at once, or it waits until any is known, or in line for room. Used again and again.</summary>
/// <remarks>What is planned for later cannot be called off, so it carries the number of the wait that it is to end.</remarks>
internal sealed class Acquisition(SimulatedRequest request, SimulationRun run) : IEvent
{
    private int _wait;
    private bool _mayWait;

    /// <summary>What the attempt is picked by.</summary>
    public PickRequest Pick { get; private set; }

    public Balancer Balancer => request.Client.Balancer;

    private WaitingLine Line => request.Client.Line;

    /// <summary>Begins: the request gets a lease, or is refused, now or later.</summary>
    /// <param name="pick">What to pick by.</param>
    /// <param name="mayWait">Whether it waits if there is nobody at once.</param>
    public void Begin(in PickRequest pick, bool mayWait)
    {
        Pick = pick;
        _mayWait = mayWait;
        GoOn();
    }

    /// <summary>Tries, and waits if that is of use: at first, and when more is known of backends.</summary>
    public void GoOn()
    {
        _wait++;
        if (TryNow(Pick, out BackendLease lease))
        {
            request.Send(lease);
            return;
        }

        if (!_mayWait)
        {
            request.Refuse();
            return;
        }

        double knownAt = request.Arrived + Balancer.Options.FirstBackendsTimeout.TotalSeconds;
        if (!Balancer.IsSettled && run.Clock.Now < knownAt)
        {
            run.Parking.Add(this);
            run.Clock.Schedule(knownAt, this, _wait);
        }
        else if ((!Line.IsEmpty || Balancer.IsSaturated) && Line.TryAdd(this, request.Client.Settings.Queue.MaxQueue))
        {
            run.Clock.Schedule(run.Clock.TimeAfter(request.Client.Settings.Queue.Timeout), this, _wait);
        }
        else
        {
            request.Refuse();
        }
    }

    /// <summary>A backend at once, or none: nobody overtakes those who wait in line.</summary>
    public bool TryNow(in PickRequest pick, out BackendLease lease)
    {
        lease = default;
        return Line.IsEmpty && Balancer.TryPick(pick, out lease);
    }

    /// <summary>It was first in line, and there is a backend.</summary>
    public void Grant(in BackendLease lease)
    {
        _wait++;
        request.Send(lease);
    }

    /// <summary>It was first in line, and there is nobody that could have room.</summary>
    public void Refuse()
    {
        _wait++;
        request.Refuse();
    }

    /// <summary>The request does not wait any more, if it does.</summary>
    public void Leave()
    {
        _wait++;
        run.Parking.Remove(this);
        Line.Remove(this);
    }

    /// <summary>It has waited long enough.</summary>
    public void Run(int tag)
    {
        if (tag == _wait)
        {
            Leave();
            request.Refuse();
        }
    }
}
