namespace LoadBalancing.Client.Simulation.Running;

/// <summary>
/// Where the requests of one client wait while every backend is at its cap: first come, first served, and nobody overtakes. The rules are those of the handler's own line, whose requests are woken on other threads, which here may not be.
/// </summary>
/// <param name="balancer">The client's balancer.</param>
/// <param name="occupied">Those lines in which anybody waits.</param>
internal sealed class WaitingLine(Balancer balancer, ISet<WaitingLine> occupied)
{
    private readonly LinkedList<Acquisition> _requests = [];

    public bool IsEmpty => _requests.Count == 0;

    /// <returns>Whether there is room for one more.</returns>
    public bool TryAdd(Acquisition waiting, int maxQueue)
    {
        if (_requests.Count >= maxQueue)
        {
            return false;
        }

        _requests.AddLast(waiting);
        occupied.Add(this);
        return true;
    }

    public void Remove(Acquisition waiting)
    {
        if (_requests.Remove(waiting) && IsEmpty)
        {
            occupied.Remove(this);
        }
    }

    /// <summary>Something has changed: the first in line picks, then the next, until one finds nobody. If caps are not the reason for that, it waits in vain.</summary>
    public void Serve()
    {
        while (_requests.First is { } first)
        {
            bool isPicked = balancer.TryPick(first.Value.Pick, out BackendLease lease);
            if (!isPicked && balancer.IsSaturated)
            {
                return;
            }

            Remove(first.Value);
            if (isPicked)
            {
                first.Value.Grant(lease);
            }
            else
            {
                first.Value.Refuse();
            }
        }
    }
}
