namespace LoadBalancing.Client.Balancing;

/// <summary>What adapters keep with a balancer, by <see cref="BalancerSlot{T}"/>. Thread safe.</summary>
internal sealed class BalancerParts : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<object, object> _parts = [];
    private bool _isDisposed;

    public object GetOrAdd(object slot, Func<object> create)
    {
        lock (_gate)
        {
            if (!_parts.TryGetValue(slot, out object? part))
            {
                _parts.Add(slot, part = create());

                // Whoever comes too late gets something to work with all the same: what it holds on to must not outlive the balancer.
                if (_isDisposed)
                {
                    (part as IDisposable)?.Dispose();
                }
            }

            return part;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            foreach (object part in _parts.Values)
            {
                (part as IDisposable)?.Dispose();
            }
        }
    }
}
