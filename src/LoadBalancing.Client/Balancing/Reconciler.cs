using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace LoadBalancing.Client.Balancing;

/// <summary>
/// Keeps one state per backend id across updates of the list, and publishes a new snapshot when something that matters to a pick has changed.
/// </summary>
/// <remarks>
/// One lock, for writers only, taken through <see cref="EnterWrite"/>. Whoever changes a flag marks the snapshot stale and then tries the lock: if that fails, another writer holds it,
/// and each writer looks at the mark again after it has let the lock go. So no change is lost, and changes that arrive together share one rebuild.
/// </remarks>
internal sealed class Reconciler
{
    private readonly Lock _gate = new();
    private readonly string _service;
    private readonly ILogger _logger;
    private readonly Action<Snapshot> _publish;
    private readonly BackendHost _host;
    private AvailabilityMerge _merge;
    private Dictionary<string, BackendState> _byId = new(StringComparer.Ordinal);
    private BackendState[] _listed = [];
    private BackendState[] _leaving = [];
    private int _isStale;

    public Reconciler(string service, ILogger logger, BackendHost host, AvailabilityMerge merge, Action<Snapshot> publish)
    {
        _service = service;
        _logger = logger;
        _merge = merge;
        _publish = publish;
        _host = host;
    }

    /// <summary>The listed backends, in order.</summary>
    public IReadOnlyList<BackendState> Listed => Volatile.Read(ref _listed);

    /// <summary>Backends that discovery no longer lists and that still had attempts in flight at the last update.</summary>
    public IReadOnlyList<BackendState> Leaving => Volatile.Read(ref _leaving);

    /// <summary>Whether snapshots that are published from now on may be used as they are.</summary>
    public bool IsLive { get; set; }

    /// <summary>Takes the writers' lock, which may be taken again inside. Disposing lets it go, and rebuilds if a flag changed meanwhile.</summary>
    public WriteScope EnterWrite()
    {
        _gate.Enter();
        return new WriteScope(this);
    }

    /// <summary>Takes a complete list: keeps the state of those that stay, adds the new, drains the gone. The same list again, in any order, changes nothing.</summary>
    public void Update(IReadOnlyList<Backend> backends)
    {
        using (EnterWrite())
        {
            if (TakeList(backends, out List<BackendState> removed))
            {
                Rebuild();
                Drain(removed);
            }
        }
    }

    /// <summary>Puts another policy, or other rules of availability, and a list in place, all or nothing.</summary>
    public void Reconfigure(AvailabilityMerge merge, IReadOnlyList<Backend> backends)
    {
        using (EnterWrite())
        {
            bool isNewFactory = !ReferenceEquals(merge.Factory, _merge.Factory);
            if (isNewFactory)
            {
                // A policy that cannot work with these backends says so here, before anything has changed.
                _ = merge.Build([.. backends.Select(description => new BackendState(description))], IsLive);
            }

            _merge = merge;
            if (isNewFactory)
            {
                // Also those that leave: they may come back. Those that are new get theirs when they are made.
                foreach (BackendState backend in _listed.Concat(_leaving))
                {
                    backend.SetObservers(ObserversOf(backend));
                }
            }

            TakeList(backends, out List<BackendState> removed);
            Rebuild();
            Drain(removed);
        }
    }

    /// <summary>Publishes again, after <see cref="IsLive"/> was changed.</summary>
    public void Republish()
    {
        using (EnterWrite())
        {
            Rebuild();
        }
    }

    public bool SetIsolated(string id, bool value) => Control(id, backend => backend.SetFlag(Unavailability.Isolated, value));

    public bool SetDrained(string id, bool value, out Task idle)
    {
        Task whenIdle = Task.CompletedTask;
        bool isKnown = Control(id, backend =>
        {
            backend.IsDrainedByHand = value;
            UpdateDraining(backend);
            whenIdle = value ? backend.WhenIdle() : Task.CompletedTask;
        });
        idle = whenIdle;
        return isKnown;
    }

    public BackendState? Find(string id)
    {
        using (EnterWrite())
        {
            return _byId.GetValueOrDefault(id) ?? Array.Find(_leaving, backend => string.Equals(backend.Id, id, StringComparison.Ordinal));
        }
    }

    /// <summary>The writers' lock, held.</summary>
    public readonly ref struct WriteScope(Reconciler reconciler)
    {
        public void Dispose()
        {
            reconciler._gate.Exit();
            reconciler.RebuildIfStale();
        }
    }

    private static void UpdateDraining(BackendState backend) =>
        backend.SetFlag(Unavailability.Draining, backend.IsDrainedByHand || backend.IsRemoved);

    /// <summary>Changes the state of one backend by hand; its effect is published when this returns.</summary>
    private bool Control(string id, Action<BackendState> change)
    {
        BackendState? backend;
        using (EnterWrite())
        {
            backend = Find(id);
            if (backend is not null)
            {
                change(backend);
            }
        }

        return backend is not null;
    }

    /// <summary>A flag changed: publishes what follows from it, or leaves that to the writer who is at work.</summary>
    public void OnAvailabilityChanged(BackendState backend)
    {
        // What is in no list is in no snapshot. A backend that is taken back is unmarked first, then its flag is changed (a fence), and the rebuild reads the flags last:
        // so either this sees it unmarked, or the rebuild sees what has changed here.
        if (!backend.IsRemoved)
        {
            Volatile.Write(ref _isStale, 1);
        }

        if (_logger.IsEnabled(LogLevel.Information))
        {
            Log.AvailabilityChanged(_logger, _service, backend, backend.Unavailability == Unavailability.None ? "eligible" : backend.Unavailability.ToString());
        }

        // A writer that changes flags rebuilds once, when it is through.
        if (!_gate.IsHeldByCurrentThread)
        {
            RebuildIfStale();
        }
    }

    private void RebuildIfStale()
    {
        while (Volatile.Read(ref _isStale) != 0 && _gate.TryEnter())
        {
            try
            {
                if (Volatile.Read(ref _isStale) != 0)
                {
                    Rebuild();
                }
            }
            finally
            {
                _gate.Exit();
            }
        }
    }

    private void Rebuild()
    {
        // First the mark, then the flags: a change that comes between is seen, or marks again.
        Interlocked.Exchange(ref _isStale, 0);
        Snapshot snapshot = _merge.Build(_listed, IsLive);
        _publish(snapshot);
    }

    /// <summary>
    /// Lets the gone finish what they have. Not before the snapshot without them is published: a pick that looks at the old one, and finds that all in it drain, then finds another.
    /// </summary>
    private static void Drain(List<BackendState> removed) => removed.ForEach(UpdateDraining);

    private bool TakeList(IReadOnlyList<Backend> backends, out List<BackendState> removed)
    {
        Dictionary<string, BackendState> byId = new(backends.Count, StringComparer.Ordinal);
        List<BackendState> listed = new(backends.Count);
        List<BackendState> leaving = [.. _leaving.Where(backend => backend.InFlight > 0)];
        int added = 0;
        int changed = 0;
        removed = [];

        foreach (Backend description in backends)
        {
            if (byId.ContainsKey(description.Id))
            {
                Log.DuplicateBackend(_logger, _service, description.Id, description.Address);
                continue;
            }

            BackendState? backend = _byId.GetValueOrDefault(description.Id);
            if (backend is null || !backend.Description.Address.Equals(description.Address))
            {
                // A new address is a new instance; the old one, no longer under its id, drains below.
                backend = TakeBack(leaving, description) ?? Create(description);
                added++;
            }
            else if (!backend.Description.Equals(description))
            {
                backend.SetDescription(description);
                changed++;
            }

            byId.Add(description.Id, backend);
            listed.Add(backend);
        }

        foreach (BackendState backend in _listed)
        {
            if (!ReferenceEquals(byId.GetValueOrDefault(backend.Id), backend))
            {
                backend.IsRemoved = true;
                leaving.Add(backend);
                removed.Add(backend);
            }
        }

        Volatile.Write(ref _leaving, [.. leaving]);
        if (added + changed + removed.Count == 0)
        {
            return false;
        }

        _byId = byId;
        Volatile.Write(ref _listed, [.. listed]);
        if (_logger.IsEnabled(LogLevel.Information))
        {
            int eligible = listed.Count(backend => backend.Unavailability == Unavailability.None && backend.Description.Weight > 0);
            Log.BackendsChanged(_logger, _service, listed.Count, eligible, added, removed.Count, changed);
        }

        return true;
    }

    private BackendState Create(Backend description)
    {
        BackendState backend = new(description, _host);
        backend.SetObservers(ObserversOf(backend));
        return backend;
    }

    private IBackendObserver[] ObserversOf(BackendState backend) => _merge.Factory.CreateObserver(backend) is { } observer ? [observer] : [];

    /// <summary>A backend that is announced again while it drains is simply back, with all that is known about it.</summary>
    private static BackendState? TakeBack(List<BackendState> leaving, Backend description)
    {
        int index = leaving.FindIndex(backend => string.Equals(backend.Id, description.Id, StringComparison.Ordinal) && backend.Description.Address.Equals(description.Address));
        if (index < 0)
        {
            return null;
        }

        BackendState backend = leaving[index];
        leaving.RemoveAt(index);
        backend.IsRemoved = false;
        backend.SetDescription(description);
        UpdateDraining(backend);
        return backend;
    }
}
