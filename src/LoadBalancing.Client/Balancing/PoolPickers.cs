namespace LoadBalancing.Client.Balancing;

/// <summary>
/// The pickers of one snapshot by pool. A view takes those of the balancer's snapshot where it would make the same: then both share all there is, such as the place of a round robin. Written while the snapshot is built, under the
/// writers' lock; only read afterwards.
/// </summary>
/// <param name="factory">Makes them.</param>
/// <param name="viewer">For whom; nothing for the balancer itself.</param>
/// <param name="existing">What need not be made again.</param>
internal sealed class PoolPickers(PickerFactory factory, object? viewer = null, PoolPickers? existing = null)
{
    private readonly Dictionary<int, (BackendSet Backends, Picker Picker)> _byPool = [];

    /// <summary>For when there is nobody to pick.</summary>
    public Picker CreateEmpty() => Create(viewer is null ? BackendSet.Empty : new BackendSet([], [], [], viewer: viewer));

    public Picker Create(BackendSet backends)
    {
        if (existing is not null && existing._byPool.TryGetValue(backends.Pool, out (BackendSet Backends, Picker Picker) known) && known.Backends.IsSameAs(backends))
        {
            return known.Picker;
        }

        Picker picker = factory.CreatePicker(backends) ?? throw new InvalidOperationException($"{factory.GetType()}.CreatePicker returned null.");
        _byPool[backends.Pool] = (backends, picker);
        return picker;
    }
}
