namespace LoadBalancing.Client.Simulation.Running;

/// <summary>Requests that find no backend because nothing is known yet of any: they wait, as <see cref="Balancer.PickAsync"/> lets them.</summary>
internal sealed class Parking
{
    private readonly List<SimulatedRequest> _parked = [];

    public void Add(SimulatedRequest request) => _parked.Add(request);

    public void Remove(SimulatedRequest request) => _parked.Remove(request);

    /// <summary>Lets those go on whose balancers know more now, in the order in which they came.</summary>
    public void ReleaseReady()
    {
        if (_parked.Count == 0 || !_parked.Exists(request => request.Balancer.IsSettled))
        {
            return;
        }

        List<SimulatedRequest> ready = _parked.FindAll(request => request.Balancer.IsSettled);
        _parked.RemoveAll(ready.Contains);
        ready.ForEach(request => request.Acquire());
    }
}
