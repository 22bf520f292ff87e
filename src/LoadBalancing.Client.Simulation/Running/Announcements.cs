using LoadBalancing.Client.Balancing;

namespace LoadBalancing.Client.Simulation.Running;

/// <summary>How a balancer hears that discovery has another list: as of a change of configuration, which is in force when <see cref="Announce"/> returns. A watched source would be heard on another thread, some time later.</summary>
internal sealed class Announcements : IDisposable
{
    private int _count;
    private Action? _reload;

    public Announcements() => Source = new ChangeSource(reload => Subscribe(reload), () => FormattableString.Invariant($"{_count}"));

    public ChangeSource Source { get; }

    public void Announce()
    {
        _count++;
        _reload?.Invoke();
    }

    public void Dispose() => _reload = null;

    private Announcements Subscribe(Action reload)
    {
        _reload = reload;
        return this;
    }
}
