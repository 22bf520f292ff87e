namespace LoadBalancing.Client.Health.Probing;

/// <summary>Lets only so many probes run at a time; the others wait here for their turn, first come, first served. Thread safe.</summary>
internal sealed class ProbeQueue(int places)
{
    private readonly Lock _gate = new();
    private readonly Queue<ProbeTurn> _waiting = new();
    private int _taken;

    /// <summary>Runs the probe now, or when one of the others leaves.</summary>
    public void Enter(ProbeTurn turn)
    {
        lock (_gate)
        {
            if (_taken == places)
            {
                _waiting.Enqueue(turn);
                return;
            }

            _taken++;
        }

        Run(turn);
    }

    /// <summary>A probe that did not end on the thread that began it is over.</summary>
    public void Leave()
    {
        if (HandOver() is { } next)
        {
            Run(next);
        }
    }

    /// <summary>In a loop and not by <see cref="Leave"/>: a queue of probes that all end at once must not become a stack.</summary>
    private void Run(ProbeTurn turn)
    {
        ProbeTurn? next = turn;
        while (next is { } current && current.Run())
        {
            next = HandOver();
        }
    }

    /// <summary>Gives the place of one that is over to the next, or back.</summary>
    private ProbeTurn? HandOver()
    {
        lock (_gate)
        {
            if (_waiting.TryDequeue(out ProbeTurn next))
            {
                return next;
            }

            _taken--;
            return null;
        }
    }
}
