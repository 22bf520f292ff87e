namespace LoadBalancing.Client.Balancing.Views;

/// <summary>Everybody who looks at one balancer through views. Thread safe.</summary>
internal sealed class ViewSources
{
    private readonly Lock _gate = new();
    private ViewSource[] _all = [];

    public ViewSource Add(Balancer balancer, Action whenChanged)
    {
        ViewSource source = new(balancer, this, whenChanged);
        lock (_gate)
        {
            Volatile.Write(ref _all, [.. _all, source]);
        }

        return source;
    }

    public void Remove(ViewSource source)
    {
        lock (_gate)
        {
            Volatile.Write(ref _all, [.. _all.Where(other => other != source)]);
        }
    }

    /// <summary>Something has changed that views are built from.</summary>
    public void Tell() => Array.ForEach(Volatile.Read(ref _all), source => source.Tell());
}
