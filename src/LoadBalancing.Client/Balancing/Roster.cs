using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace LoadBalancing.Client.Balancing;

/// <summary>
/// Keeps one state per backend id across updates of the list: whoever stays keeps what is known about it, whoever is gone is kept until its last attempt is over.
/// Guarded by the reconciler's lock, but for <see cref="Listed"/> and <see cref="Leaving"/>.
/// </summary>
internal sealed class Roster(BalancerEnvironment environment, BackendHost host, HealthSources health)
{
    private Dictionary<string, BackendState> _byId = new(StringComparer.Ordinal);
    private BackendState[] _listed = [];
    private BackendState[] _leaving = [];
    private (int Added, int Removed, int Changed) _lastChange;

    /// <summary>The listed backends, in order.</summary>
    public IReadOnlyList<BackendState> Listed => ListedArray;

    /// <summary>Backends that discovery no longer lists and that still had attempts in flight at the last update.</summary>
    public IReadOnlyList<BackendState> Leaving => Volatile.Read(ref _leaving);

    /// <summary>The array behind <see cref="Listed"/>; nobody writes it.</summary>
    public BackendState[] ListedArray => Volatile.Read(ref _listed);

    /// <summary>
    /// Lets the gone finish what they have. Not before the snapshot without them is published: a pick that looks at the old one, and finds that all in it drain, then finds another.
    /// </summary>
    public void DrainLeaving() => Array.ForEach(_leaving, UpdateDraining);

    public void UpdateDraining(BackendState backend)
    {
        bool drains = backend.IsDrainedByHand || backend.IsRemoved;
        Verdict? verdict = drains ? new Verdict(environment.TimeProvider.GetTimestamp(), backend.IsDrainedByHand ? "by hand" : "no longer listed") : null;
        backend.SetFlag(Unavailability.Draining, drains, verdict);
    }

    /// <summary>Before any picker over the backend is made: a policy may build it on what its observers remember.</summary>
    public static BackendState WithObservers(BackendState backend, PickerFactory factory)
    {
        backend.SetObservers(factory.CreateObserver(backend) is { } observer ? [observer] : []);
        return backend;
    }

    /// <summary>The backend with this id, also one that is leaving.</summary>
    public BackendState? Find(string id) =>
        _byId.GetValueOrDefault(id) ?? Array.Find(_leaving, backend => string.Equals(backend.Id, id, StringComparison.Ordinal));

    /// <summary>Puts the memory of another policy in place of the last one's, also for those that leave: they may come back.</summary>
    public void SetObservers(PickerFactory factory)
    {
        foreach (BackendState backend in _listed.Concat(_leaving))
        {
            WithObservers(backend, factory);
            backend.PoolInFlight = null;
        }
    }

    /// <summary>Takes a complete list: keeps the state of those that stay, makes the new, and names those that are gone, which are to be drained once the snapshot without them is published.</summary>
    /// <returns>Whether anything changed; the same list again, in any order, changes nothing.</returns>
    public bool Take(IReadOnlyList<Backend> backends, PickerFactory factory)
    {
        Dictionary<string, BackendState> byId = new(backends.Count, StringComparer.Ordinal);
        List<BackendState> listed = new(backends.Count);
        Dictionary<(string Id, Uri Address), BackendState> leaving = _leaving.Where(backend => backend.InFlight > 0).ToDictionary(backend => (backend.Id, backend.Description.Address));
        int added = 0;
        int changed = 0;
        int removed = 0;

        foreach (Backend description in backends)
        {
            if (byId.ContainsKey(description.Id))
            {
                Log.DuplicateBackend(environment.Logger, environment.Name, description.Id, description.Address);
                continue;
            }

            BackendState? backend = _byId.GetValueOrDefault(description.Id);
            if (backend is null || !backend.Description.Address.Equals(description.Address))
            {
                // A new address is a new instance; the old one, no longer under its id, drains below.
                backend = TakeBack(leaving, description) ?? Create(description, factory);
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
                leaving[(backend.Id, backend.Description.Address)] = backend;
                removed++;
            }
        }

        Volatile.Write(ref _leaving, [.. leaving.Values]);
        _lastChange = (added, removed, changed);
        if (added + changed + removed == 0)
        {
            return false;
        }

        _byId = byId;
        Volatile.Write(ref _listed, [.. listed]);
        return true;
    }

    /// <summary>Says what the last list has changed, once it is in use.</summary>
    public void LogLastChange()
    {
        if (_lastChange != default && environment.Logger.IsEnabled(LogLevel.Information))
        {
            int eligible = _listed.Count(backend => backend.Unavailability == Unavailability.None && backend.Description.Weight > 0);
            Log.BackendsChanged(environment.Logger, environment.Name, _listed.Length, eligible, _lastChange.Added, _lastChange.Removed, _lastChange.Changed);
        }

        _lastChange = default;
    }

    /// <summary>Remembers how everything is now, for when the next list turns out to be one that cannot be used.</summary>
    /// <returns>Puts it back.</returns>
    public Action Save()
    {
        (Dictionary<string, BackendState> byId, BackendState[] listed, BackendState[] leaving) = (_byId, _listed, _leaving);
        Backend[] descriptions = Array.ConvertAll(listed, backend => backend.Description);
        return () =>
        {
            _byId = byId;
            Volatile.Write(ref _listed, listed);
            Volatile.Write(ref _leaving, leaving);
            _lastChange = default;
            for (int i = 0; i < listed.Length; i++)
            {
                listed[i].SetDescription(descriptions[i]);
                listed[i].IsRemoved = false;
                UpdateDraining(listed[i]);
            }

            foreach (BackendState backend in leaving)
            {
                backend.IsRemoved = true;
                UpdateDraining(backend);
            }
        };
    }

    /// <summary>Gives all what judges them now, also those that leave: they may come back.</summary>
    public void AttachHealth()
    {
        foreach (BackendState backend in _listed.Concat(_leaving))
        {
            health.Attach(backend);
        }
    }

    private BackendState Create(Backend description, PickerFactory factory)
    {
        BackendState backend = WithObservers(new BackendState(description, host), factory);
        health.Introduce(backend);
        return backend;
    }

    /// <summary>A backend that is announced again while it drains is simply back, with all that is known about it.</summary>
    private BackendState? TakeBack(Dictionary<(string Id, Uri Address), BackendState> leaving, Backend description)
    {
        if (!leaving.Remove((description.Id, description.Address), out BackendState? backend))
        {
            return null;
        }

        backend.IsRemoved = false;
        backend.SetDescription(description);
        UpdateDraining(backend);
        return backend;
    }
}
