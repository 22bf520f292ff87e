namespace LoadBalancing.Client.Balancing;

/// <summary>
/// A place in every <see cref="Balancer"/> for what an adapter keeps once per service and shares among its handlers, which come and go. Make one static instance per use.
/// What is made is disposed with the balancer, if it can be.
/// </summary>
/// <param name="create">Makes it, at first use. Called once per balancer, under a lock; must not use slots itself.</param>
internal sealed class BalancerSlot<T>(Func<Balancer, T> create)
    where T : class
{
    public T Get(Balancer balancer) => (T)balancer.Parts.GetOrAdd(this, () => create(balancer));
}
