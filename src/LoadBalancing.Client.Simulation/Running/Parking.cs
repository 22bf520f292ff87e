namespace LoadBalancing.Client.Simulation.Running;

/// <summary>Requests that find no backend because nothing is known yet of any: they wait, as <see cref="Balancer.PickAsync"/> lets them.</summary>
internal sealed class Parking
{
    private readonly List<Acquisition> _parked = [];

    public void Add(Acquisition waiting) => _parked.Add(waiting);

    public void Remove(Acquisition waiting) => _parked.Remove(waiting);

    /// <summary>Lets those go on whose balancers know more now, in the order in which they came.</summary>
    public void ReleaseReady()
    {
        if (_parked.Count == 0 || !_parked.Exists(waiting => waiting.Balancer.IsSettled))
        {
            return;
        }

        List<Acquisition> ready = _parked.FindAll(waiting => waiting.Balancer.IsSettled);
        _parked.RemoveAll(ready.Contains);
        ready.ForEach(waiting => waiting.GoOn());
    }
}
