using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Balancing.SlowStarting;
using LoadBalancing.Client.Balancing.Views;
using LoadBalancing.Client.Telemetry;
using LoadBalancing.Client.Timing;
using Microsoft.Extensions.Logging;

namespace LoadBalancing.Client.Balancing;

/// <summary>
/// Publishes a new snapshot when something that matters to a pick has changed: the list of backends, the policy, a flag.
/// </summary>
/// <remarks>
/// One lock, for writers only, taken through <see cref="EnterWrite"/>. Whoever changes a flag marks the snapshot stale and then tries the lock: if that fails, another writer holds it,
/// and each writer looks at the mark again after it has let the lock go. So no change is lost, and changes that arrive together share one rebuild. When rebuilds are long and changes many, the pace puts some off.
/// </remarks>
internal sealed class Reconciler
{
    private const int Fresh = 0;
    private const int Stale = 1;
    private const int BeingRebuilt = 2;

    private readonly Lock _gate = new();
    private readonly string _service;
    private readonly ILogger _logger;
    private readonly Action<Snapshot> _publish;
    private readonly TimeProvider _timeProvider;
    private readonly HealthSources _health;
    private readonly Action _announce;
    private readonly RebuildPace _pace;
    private readonly Roster _roster;
    private readonly SlowStart _slowStart;
    private AvailabilityMerge _merge;
    private int _freshness;
    private bool _wasNothingEligible;

    public Reconciler(BalancerEnvironment environment, Schedule schedule, BackendHost host, HealthSources health, Action announce, AvailabilityMerge merge, Action<Snapshot> publish)
    {
        _service = environment.Name;
        _logger = environment.Logger;
        _timeProvider = environment.TimeProvider;
        _health = health;
        _announce = announce;
        _pace = new RebuildPace(environment.TimeProvider, schedule, this);
        _merge = merge;
        _publish = publish;
        health.FirstRound.OnOver = Refresh;
        _slowStart = new SlowStart(environment.TimeProvider, schedule, Republish);
        Published = merge.Build(Census.Take([]), isLive: false);
        _roster = new Roster(environment, host, health);
    }

    /// <inheritdoc cref="Roster.Listed"/>
    public IReadOnlyList<BackendState> Listed => _roster.Listed;

    /// <inheritdoc cref="Roster.Leaving"/>
    public IReadOnlyList<BackendState> Leaving => _roster.Leaving;

    /// <summary>The last snapshot that was built.</summary>
    public Snapshot Published { get; private set; }

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
            if (_roster.Take(backends, _merge.Factory))
            {
                _health.Update(_roster.Listed);
                TryRebuild();
            }
        }
    }

    /// <summary>Puts other options, with the policy and the rules of availability that follow from them, and a list in place, all or nothing.</summary>
    public void Reconfigure(BalancerOptions options, AvailabilityMerge merge, IReadOnlyList<Backend> backends)
    {
        using (EnterWrite())
        {
            bool isNewFactory = !ReferenceEquals(merge.Factory, _merge.Factory);
            if (isNewFactory)
            {
                // A policy that cannot work with these backends says so here, before anything has changed.
                _ = merge.Build(Census.Take([.. backends.Select(description => Roster.WithObservers(new BackendState(description), merge.Factory))]), IsLive);
            }

            AvailabilityMerge before = _merge;
            SlowStartOptions slowStartBefore = _slowStart.Options;
            Action putBack = _roster.Save();
            _merge = merge;
            _slowStart.Configure(options.SlowStart);
            if (isNewFactory)
            {
                _roster.SetObservers(merge.Factory);
            }

            try
            {
                _roster.Take(backends, merge.Factory);
                Rebuild();
            }
            catch
            {
                // What has changed already goes back: nothing of a change that is refused may stay.
                _merge = before;
                _slowStart.Configure(slowStartBefore);
                putBack();
                if (isNewFactory)
                {
                    _roster.SetObservers(before.Factory);
                }

                // The last snapshot is in place still; what was marked on backends for the one that failed is marked anew when the lock is let go.
                Interlocked.Exchange(ref _freshness, Stale);
                throw;
            }

            if (_health.Configure(options))
            {
                _roster.AttachHealth();
            }

            _health.Update(_roster.Listed);
        }
    }

    /// <summary>Publishes again, after <see cref="IsLive"/> was changed.</summary>
    public void Republish()
    {
        using (EnterWrite())
        {
            TryRebuild();
        }
    }

    /// <summary>
    /// Builds a view of the last snapshot. It may be asked for under locks of others, so this thread does nothing else: what writers have left to it, because it held the lock, and what there is to announce then, is done by another one.
    /// </summary>
    public (Snapshot Snapshot, ViewPlan Plan) BuildView(object viewer, IReadOnlyDictionary<BackendState, Readiness> readiness)
    {
        _gate.Enter();
        try
        {
            return (Published, _merge.BuildView(Published.Basis, viewer, readiness));
        }
        finally
        {
            _gate.Exit();
            if (Volatile.Read(ref _freshness) == Stale)
            {
                ThreadPool.UnsafeQueueUserWorkItem(static reconciler => reconciler.CatchUpLater(), this, preferLocal: false);
            }
        }
    }

    public bool SetIsolated(string id, bool value) => Control(id, backend => backend.SetFlag(Unavailability.Isolated, value, ByHand()));

    public bool SetDrained(string id, bool value, out Task idle)
    {
        Task whenIdle = Task.CompletedTask;
        bool isKnown = Control(id, backend =>
        {
            backend.IsDrainedByHand = value;
            _roster.UpdateDraining(backend);
            if (value)
            {
                whenIdle = backend.WhenIdle();
            }
            else
            {
                backend.EndWaitForIdle();
            }
        });
        idle = whenIdle;
        return isKnown;
    }

    private Verdict ByHand() => new(_timeProvider.GetTimestamp(), "by hand");

    public BackendState? Find(string id)
    {
        using (EnterWrite())
        {
            return _roster.Find(id);
        }
    }

    /// <summary>The writers' lock, held.</summary>
    public readonly ref struct WriteScope(Reconciler reconciler)
    {
        public void Dispose()
        {
            reconciler._gate.Exit();
            reconciler.RebuildIfStale();
            reconciler.Speak();
        }
    }

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

                // Here, and not after the lock is let go: another writer may take it then, and publish only after this has returned.
                if (Volatile.Read(ref _freshness) == Stale)
                {
                    TryRebuild();
                }
            }
        }

        return backend is not null;
    }

    /// <summary>A flag changed: publishes what follows from it, or leaves that to the writer who is at work.</summary>
    public void OnAvailabilityChanged(BackendState backend)
    {
        // What is in no list is in no snapshot. A backend that is taken back is unmarked first, then its flag is changed (a fence), and the rebuild reads the flags last:
        // so either this sees it unmarked, or the rebuild sees what has changed here.
        Refresh(isStale: !backend.IsRemoved);
    }

    /// <summary>Announces what has changed, unless this thread is in the middle of changing more.</summary>
    public void Speak()
    {
        if (!_gate.IsHeldByCurrentThread)
        {
            _announce();
        }
    }

    /// <summary>Publishes what has changed and was put off, or is being published: for a pick that would otherwise find nothing.</summary>
    public void CatchUp()
    {
        if (Volatile.Read(ref _freshness) == Fresh)
        {
            return;
        }

        using (EnterWrite())
        {
            if (Volatile.Read(ref _freshness) == Stale)
            {
                TryRebuild();
            }
        }
    }

    /// <summary>Whether a change waits to be published.</summary>
    public bool IsStale => Volatile.Read(ref _freshness) != Fresh;

    private void CatchUpLater()
    {
        RebuildIfStale();
        Speak();
    }

    private void Refresh() => Refresh(isStale: true);

    /// <summary>Publishes what has changed, or leaves that to the writer who is at work.</summary>
    private void Refresh(bool isStale)
    {
        if (isStale)
        {
            // A full fence: the mark must be seen before the lock is looked at, or we who find it taken and the writer who lets it go could miss each other.
            Interlocked.Exchange(ref _freshness, Stale);
        }

        // A writer that changes flags rebuilds once, when it is through.
        if (!_gate.IsHeldByCurrentThread)
        {
            RebuildIfStale();
        }
    }

    /// <summary>Rebuilds if a flag has changed, or leaves it to the writer who is at work, or to a later time.</summary>
    private void RebuildIfStale()
    {
        while (Volatile.Read(ref _freshness) == Stale && _gate.TryEnter())
        {
            try
            {
                if (_pace.PutOff())
                {
                    return;
                }

                if (Volatile.Read(ref _freshness) == Stale)
                {
                    TryRebuild();
                }
            }
            finally
            {
                _gate.Exit();
            }
        }
    }

    /// <summary>For changes that nobody can take back: a policy that fails on them leaves the last snapshot in place, until the next change.</summary>
    private void TryRebuild()
    {
        try
        {
            Rebuild();
        }
#pragma warning disable CA1031 // What ran keeps running, whatever a policy throws.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref _freshness, Fresh, BeingRebuilt);
            Log.CodeFailed(_logger, exception, _service, _merge.Factory.GetType().ToString());
            Published = Published.WithLive(IsLive);
            _publish(Published);
        }
    }

    private void Rebuild()
    {
        // First the mark, then the flags: a change that comes between is seen, or marks again.
        Interlocked.Exchange(ref _freshness, BeingRebuilt);
        long started = _pace.Begin();
        bool isKnown = !_health.FirstRound.IsPending;
        Census listed = Census.Take(_roster.ListedArray);
        _slowStart.Apply(listed);
        Snapshot snapshot = _merge.Build(listed, IsLive, isKnown);
        Published = snapshot;
        _publish(snapshot);
        Interlocked.CompareExchange(ref _freshness, Fresh, BeingRebuilt);
        _pace.End(started);

        // Not before the snapshot without them is published: a pick that looks at the old one, and finds that all in it drain, then finds another.
        _roster.DrainLeaving();
        _roster.LogLastChange();
        bool isNothingEligible = isKnown && snapshot.Backends.Count > 0 && snapshot.Backends.Eligible.IsEmpty;
        if (isNothingEligible && !_wasNothingEligible)
        {
            int count = snapshot.Backends.Count;
            Log.NothingEligible(_logger, _service, count);
        }

        _wasNothingEligible = isNothingEligible;
    }
}
