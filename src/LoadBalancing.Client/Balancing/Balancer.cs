using System.Diagnostics.Metrics;
using System.Globalization;
using System.Runtime.CompilerServices;
using LoadBalancing.Client.Backends;
using LoadBalancing.Client.Balancing;
using LoadBalancing.Client.Balancing.Views;
using LoadBalancing.Client.Policies.Sampling;
using LoadBalancing.Client.Telemetry;
using LoadBalancing.Client.Timing;
using Microsoft.Extensions.Logging;

namespace LoadBalancing.Client;

/// <summary>
/// Chooses a backend of one service for each request, and hears how it went. One per service name, shared by everything that talks to the service. Made by <see cref="BalancerBuilder"/>
/// or by <c>services.AddLoadBalancer</c>. All members are thread safe; picks take no lock and allocate nothing.
/// </summary>
public sealed class Balancer : IAsyncDisposable, IDisposable
{
    private const int NewerSnapshots = 3;

    private static readonly TimeSpan LongestDrain = TimeSpan.FromDays(1);

    private readonly BalancerEnvironment _environment;
    private readonly TimeProvider _timeProvider;
    private readonly RandomSource _random;
    private readonly BalancerInstruments _instruments;
    private readonly Schedule _schedule;
    private readonly HealthSources _health;
    private readonly BalancerHost _host;
    private readonly Reconciler _reconciler;
    private readonly BackendDirectory _directory;
    private Snapshot _snapshot;
    private BalancerOptions _options;
    private readonly SnapshotNews _news;
    private readonly PoolNumbers _pools = new();
    private readonly ViewSources _views = new();
    private AvailabilityMerge _merge;
    private IDisposable? _reloading;
    private bool _isDisposed;

    internal Balancer(BalancerEnvironment environment, BalancerOptions options)
    {
        _environment = environment;
        _timeProvider = environment.TimeProvider;
        _random = new RandomSource(environment.Random);
        _options = options;

        // Before the policy draws anything: the same random numbers give the same subset, whatever the policy.
        ulong? subsetSeed = options.SubsetSize is null ? null : BackendDirectory.DrawSubsetSeed(environment.Random);
        _merge = CreateMerge(options, CreateFactory(options));
        _schedule = new Schedule(_timeProvider, (exception, item) => Log.CodeFailed(environment.Logger, exception, Name, item));
        _health = new HealthSources(environment, _schedule);
        _host = new BalancerHost(environment);
        _instruments = new BalancerInstruments(Name, environment.Meters) { RecordPeers = options.RecordPeers };
        Announcer announcer = new(environment, _instruments, this);
        _news = new SnapshotNews(announcer, _views);
        _reconciler = new Reconciler(environment, _schedule, _host, _health, announcer.Speak, _merge, Publish);
        _instruments.Observe(() => _reconciler.Listed, () => _reconciler.Leaving, () => _directory?.Outside.Count ?? 0, () => (int)ServiceLevel);
        _snapshot = _reconciler.Published;
        _directory = new BackendDirectory(environment, _instruments, _reconciler, _news, subsetSeed);
        _host.Connect(_instruments, _directory, _reconciler, announcer, _health);
        _directory.Configure(options, _merge);
    }

    /// <summary>
    /// A backend became eligible, or no longer is, for one reason of several. Raised after the change has taken effect, in the order of the changes, on the thread that brought it (a request's, a timer's): be quick, do not block.
    /// What a handler throws is logged.
    /// </summary>
    public event EventHandler<AvailabilityChangedEventArgs>? AvailabilityChanged;

    /// <summary>The circuit breaker of a backend has moved, for example from closed to open. Raised as <see cref="AvailabilityChanged"/> is.</summary>
    public event EventHandler<CircuitChangedEventArgs>? CircuitChanged;

    /// <summary>
    /// <see cref="ServiceLevel"/> has changed. Raised as <see cref="AvailabilityChanged"/> is; a moment to shed what can be done without, or to take it up again.
    /// </summary>
    public event EventHandler<ServiceLevelChangedEventArgs>? ServiceLevelChanged;

    /// <summary>The service's name.</summary>
    public string Name => _environment.Name;

    /// <summary>The current snapshot of all listed backends, or, with a <see cref="BalancerOptions.SubsetSize"/>, of those in this client's subset; the states inside are live.</summary>
    public BackendSet Backends => Volatile.Read(ref _snapshot).Backends;

    /// <summary>
    /// How much of the service can be used, over all priority tiers. Draining, isolated and zero-weight backends do not count: to take some out on purpose lowers nothing.
    /// <see cref="ServiceLevel.Full"/> as long as discovery has not answered.
    /// </summary>
    public ServiceLevel ServiceLevel => _news.Level;

    /// <summary>The latest snapshot, to tell of.</summary>
    internal Snapshot Snapshot => Volatile.Read(ref _snapshot);

    /// <summary>Whether discovery has answered, so that an empty list is believed.</summary>
    internal bool IsAnswered => _directory.FirstAnswer.IsCompleted;

    internal TimeProvider TimeProvider => _timeProvider;

    /// <summary>The options in force. Read them, change nothing.</summary>
    internal BalancerOptions Options => Volatile.Read(ref _options);

    /// <summary>Whether the policy in force looks at hashes.</summary>
    internal bool UsesHash => Volatile.Read(ref _snapshot).UsesHash;

    /// <summary>Whether a pick has nothing to wait for but room: discovery has answered, and the first probes where they matter.</summary>
    internal bool IsSettled => _directory.FirstAnswer.IsCompleted && _health.FirstRound.FirstSuccess.IsCompleted;

    /// <summary>Tells those who wait for room on a backend that is at its cap.</summary>
    internal RoomSignal Room => _host.Room;

    /// <summary>Whether a pick that has just found nobody would find somebody if attempts were over: caps keep it from backends that are eligible, whatever keeps it from the others.</summary>
    internal bool IsSaturated
    {
        get
        {
            foreach (BackendState backend in Volatile.Read(ref _snapshot).Backends.Eligible)
            {
                if (backend.IsHeldByCap)
                {
                    return true;
                }
            }

            return false;
        }
    }

    internal ILogger Logger => _environment.Logger;

    /// <summary>The source of randomness. Thread safe.</summary>
    internal Random Random => _environment.Random;

    /// <summary>The meter of everything that is measured about this balancer. Observable instruments must let go of the balancer when it is disposed: the meter may outlive it.</summary>
    internal Meter Meter => _instruments.Meter;

    /// <summary>What adapters keep with this balancer.</summary>
    internal BalancerParts Parts { get; } = new();

    /// <summary>Random numbers for picks.</summary>
    internal RandomSource RandomSource => _random;

    /// <summary>Picks a backend for one attempt. Takes no lock, does not wait and allocates nothing; only a pick that would find nothing looks first whether a newer snapshot is being built, and waits for that.</summary>
    /// <param name="request">What the pick may depend on.</param>
    /// <param name="lease">The attempt, to be completed when it is over; the default lease when there is none.</param>
    /// <returns>Whether there was a backend: <see langword="false"/> when none is listed yet, none is eligible, or all are at their caps.</returns>
    /// <exception cref="ObjectDisposedException">The balancer is disposed.</exception>
    public bool TryPick(in PickRequest request, out BackendLease lease)
    {
        if (TryPickUncounted(request, out lease))
        {
            return true;
        }

        CountNoBackend();
        return false;
    }

    /// <summary>
    /// Picks a backend for one attempt; when discovery has not answered yet, waits for its first answer (5 s unless configured), and where backends are not trusted before their first probe, for the first that succeeds.
    /// </summary>
    /// <param name="request">What the pick may depend on.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The attempt, to be completed when it is over.</returns>
    /// <exception cref="NoBackendAvailableException">There is none: no answer in time, none eligible, or all at their caps. The message says which, for each backend.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled while waiting.</exception>
    /// <exception cref="ObjectDisposedException">The balancer is disposed.</exception>
    public ValueTask<BackendLease> PickAsync(PickRequest request, CancellationToken cancellationToken = default)
    {
        // Read before the pick: when the first answer comes in between, the pick is worth another try.
        bool isSettled = IsSettled;
        return TryPickUncounted(request, out BackendLease lease) ? new ValueTask<BackendLease>(lease) : PickLaterAsync(request, isSettled, cancellationToken);
    }

    /// <summary>
    /// The backends that serve a key, in order: the one that a pick with this hash chooses, then the one it chooses when that is excluded, and so on. For replicas of data, and to look a key up by hand.
    /// All come from the same priority tier. Load is not looked at, so bounded loads have no effect; nothing is counted.
    /// </summary>
    /// <param name="hash">The final hash of the key, as in <see cref="PickRequest.Hash"/>; <see cref="PickRequest.ForKey(string)"/> makes one.</param>
    /// <param name="count">How many distinct backends are wanted; 0 or more.</param>
    /// <returns>That many eligible backends, or as many as there are.</returns>
    /// <exception cref="InvalidOperationException">The policy does not choose by hash.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    /// <exception cref="ObjectDisposedException">The balancer is disposed.</exception>
    public IReadOnlyList<BackendState> GetBackends(ulong hash, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Snapshot snapshot = Volatile.Read(ref _snapshot);
        if (!snapshot.IsLive)
        {
            snapshot = Start();
        }

        HashPicker picker = snapshot.Picker.ForHash(hash) ?? throw new InvalidOperationException(
            $"Service '{Name}': policy '{Options.Policy.Name}' does not choose by hash, so no backend belongs to one; ring_hash, maglev and rendezvous do.");
        return picker.GetBackends(hash, count);
    }

    /// <inheritdoc cref="GetBackends(ulong, int)"/>
    /// <param name="request">A request with a hash, for example <c>PickRequest.ForKey("user-17")</c>. What it excludes is ignored.</param>
    /// <param name="count">How many distinct backends are wanted; 0 or more.</param>
    /// <exception cref="ArgumentException">The request has no hash.</exception>
    public IReadOnlyList<BackendState> GetBackends(in PickRequest request, int count) =>
        GetBackends(request.Hash ?? throw new ArgumentException("The request has no hash: make it with PickRequest.ForKey, or set Hash.", nameof(request)), count);

    /// <summary>Says how each backend stands for <paramref name="request"/> and how the policy decides. Changes nothing: no counter moves, no position advances.</summary>
    /// <param name="request">What the pick would depend on; <see langword="default"/> for a request without a hash.</param>
    public PickExplanation Explain(in PickRequest request) => Explainer.Explain(Name, _timeProvider, Options.Policy, Volatile.Read(ref _snapshot), _directory.Outside, _directory.DescribeWait(), request);

    /// <summary>
    /// Lets a backend finish: it gets nothing new from the moment this is called, and stays so until <see cref="Restore"/>. Completes when its last attempt does, after the timeout, or when it is restored.
    /// </summary>
    /// <param name="backendId">The backend's <see cref="Backend.Id"/>.</param>
    /// <param name="timeout">How long to wait for what runs: from 0 (not at all) to 1 day, or <see cref="Timeout.InfiniteTimeSpan"/>. The backend stays out after it all the same.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many attempts are still in flight, and how long the wait was.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="backendId"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is out of range.</exception>
    /// <exception cref="ArgumentException">There is no backend with this id.</exception>
    /// <exception cref="OperationCanceledException">The wait was canceled; the backend stays out.</exception>
    public async Task<DrainResult> DrainAsync(string backendId, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(backendId);
        if (timeout != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(timeout, LongestDrain);
        }

        BackendState backend = _reconciler.Find(backendId) ?? throw new ArgumentException(
            $"Service '{Name}' has no backend '{backendId}'; it has {string.Join(", ", Backends.Select(known => known.Id))}.", nameof(backendId));

        long started = _timeProvider.GetTimestamp();
        _reconciler.SetDrained(backendId, value: true, out Task idle);
        try
        {
            await idle.WaitAsync(timeout, _timeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The result says how many are left.
        }

        return new DrainResult(backend.InFlight, _timeProvider.GetElapsedTime(started));
    }

    /// <summary>Takes a backend out by hand, at once; what runs on it goes on. Until <see cref="Restore"/>.</summary>
    /// <param name="backendId">The backend's <see cref="Backend.Id"/>.</param>
    /// <returns>Whether there is a backend with this id.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="backendId"/> is <see langword="null"/>.</exception>
    public bool Isolate(string backendId)
    {
        ArgumentNullException.ThrowIfNull(backendId);
        return _reconciler.SetIsolated(backendId, value: true);
    }

    /// <summary>Ends what <see cref="Isolate"/> and <see cref="DrainAsync"/> began. What health says stays in force.</summary>
    /// <param name="backendId">The backend's <see cref="Backend.Id"/>.</param>
    /// <returns>Whether there is a backend with this id.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="backendId"/> is <see langword="null"/>.</exception>
    public bool Restore(string backendId)
    {
        ArgumentNullException.ThrowIfNull(backendId);
        return _reconciler.SetIsolated(backendId, value: false) & _reconciler.SetDrained(backendId, value: false, out _);
    }

    /// <summary>Stops discovery. Attempts that run can still be completed; picks throw.</summary>
    public void Dispose()
    {
        using (_reconciler.EnterWrite())
        {
            _isDisposed = true;
            _reconciler.IsLive = false;
            _reconciler.Republish();
        }

        _reloading?.Dispose();
        _directory.Dispose();
        _health.Dispose();
        _schedule.Dispose();
        Parts.Dispose();
        _instruments.Dispose();
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Starts discovery, if that has not been done.</summary>
    /// <returns>A snapshot that can be used.</returns>
    internal Snapshot Start()
    {
        using (_reconciler.EnterWrite())
        {
            ThrowIfDisposed();
            if (!_reconciler.IsLive)
            {
                _reconciler.IsLive = true;
                _reconciler.Republish();
                _directory.Start();
                _health.Start();
            }

            return Volatile.Read(ref _snapshot);
        }
    }

    /// <summary><see cref="TryPick"/>, for callers that go on when there is no backend: whoever gives up at last counts it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryPickUncounted(in PickRequest request, out BackendLease lease)
    {
        Snapshot snapshot = Volatile.Read(ref _snapshot);
        if (!snapshot.IsLive)
        {
            snapshot = Start();
        }

        BackendState? backend = snapshot.Picker.Pick(request);
        PickReasons reasons = PickReasons.None;
        Admission admission = default;
        if (backend is null || request.HasExclusions || !backend.TryAcquire(out admission))
        {
            backend = Repick.Find(snapshot, request, backend, _random, out admission, out reasons) ?? FindInNewer(ref snapshot, request, out admission, out reasons);
            if (backend is null)
            {
                lease = default;
                return false;
            }
        }

        reasons |= backend.StandingReasons;
        if (snapshot.UsesHash && request.Hash is null)
        {
            reasons |= PickReasons.NoHash;
        }

        Begin(backend, admission, reasons, out lease);
        return true;
    }

    /// <summary>
    /// Picks a backend that the request has not tried and that is out only because earlier requests failed on it (circuit, ejection): for a request that has tried all eligible ones in vain.
    /// That is a memory, which may be out of date, and not what a probe has just found. As where nothing is eligible at all, it is said as <see cref="PickReasons.FailOpen"/>, and not done with <see cref="BalancerOptions.FailClosed"/>.
    /// </summary>
    internal bool TryPickSuspect(in BackendExclusions tried, out BackendLease lease)
    {
        Snapshot snapshot = Volatile.Read(ref _snapshot);
        if (snapshot.IsLive && !Options.FailClosed && Repick.FindSuspect(snapshot, tried, _random, out Admission admission) is { } backend)
        {
            Begin(backend, admission, PickReasons.FailOpen, out lease);
            return true;
        }

        lease = default;
        return false;
    }

    /// <summary>
    /// Lets an owner of connections pick among those backends only that it can reach. Starts discovery, if that has not been done; not to be called under a lock.
    /// </summary>
    /// <param name="whenChanged">Called on a thread of the pool, with no lock held, when there is reason to build another view; what it throws is logged.</param>
    /// <exception cref="ObjectDisposedException">The balancer is disposed.</exception>
    internal ViewSource OpenViews(Action whenChanged)
    {
        ArgumentNullException.ThrowIfNull(whenChanged);
        Start();
        return _views.Add(this, whenChanged);
    }

    internal BalancerView BuildView(object viewer, IReadOnlyDictionary<BackendState, Readiness> readiness)
    {
        ThrowIfDisposed();
        (Snapshot snapshot, ViewPlan plan) = _reconciler.BuildView(viewer, readiness);
        return new BalancerView(this, snapshot, plan);
    }

    /// <summary>Begins the attempt for which a backend was chosen in a view. Takes no lock and allocates nothing.</summary>
    /// <param name="choice">Who was chosen.</param>
    /// <param name="lease">The attempt, to be completed when it is over.</param>
    /// <param name="refusal">Why the backend does not let it in: something has come between.</param>
    /// <exception cref="ObjectDisposedException">The balancer is disposed.</exception>
    internal bool TryAcquire(in ViewChoice choice, out BackendLease lease, out AdmissionRefusal refusal)
    {
        ThrowIfDisposed();
        bool failsOpen = (choice.Reasons & PickReasons.FailOpen) != 0;
        if (choice.Backend.TryAcquire(out Admission admission, failsOpen))
        {
            if (failsOpen && choice.Backend.CircuitOfBreaker == CircuitState.Open)
            {
                // The view may have nobody else where the balancer has.
                choice.Backend.IsTriedAsSuspect = true;
            }

            refusal = AdmissionRefusal.None;
            Begin(choice.Backend, admission, choice.Reasons, out lease);
            return true;
        }

        // What has refused it may be gone again; that it was refused stays true.
        refusal = choice.Backend.LookAtAdmission(failsOpen);
        refusal = refusal != AdmissionRefusal.None ? refusal : choice.Backend.Permits is null ? AdmissionRefusal.AtCap : AdmissionRefusal.NoPermit;
        lease = default;
        return false;
    }

    /// <summary>
    /// Begins the attempt for which a backend was chosen in a view, whatever has come between: for an owner that cannot choose again. It counts as one that was sent when it was chosen: what it tells is ignored by a circuit breaker
    /// whose circuit has moved since.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The balancer is disposed.</exception>
    internal BackendLease Acquire(in ViewChoice choice)
    {
        ThrowIfDisposed();
        choice.Backend.Acquire();
        Begin(choice.Backend, new Admission(choice.Era, null), choice.Reasons, out BackendLease lease);
        return lease;
    }

    /// <summary>Whether nothing has changed since the snapshot was built that was not published.</summary>
    internal bool IsCurrent(Snapshot snapshot) => ReferenceEquals(Volatile.Read(ref _snapshot), snapshot) && !_reconciler.IsStale;

    internal void ThrowIfDisposed()
    {
#pragma warning disable CA1513 // The helper would name the type; the service says more.
        if (Volatile.Read(ref _isDisposed))
        {
            throw new ObjectDisposedException($"Balancer '{Name}'");
        }
#pragma warning restore CA1513
    }

    /// <summary>Runs code that is not ours; what it throws is logged.</summary>
    internal void RunGuarded(Action action, string name)
    {
        try
        {
            action();
        }
#pragma warning disable CA1031 // It runs on a thread of the pool: nobody else would hear of it, and the process would end.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.CodeFailed(_environment.Logger, exception, Name, name);
        }
    }

    /// <summary>Waits for the first answer of discovery, and where backends are not trusted before their first probe, for the first that succeeds.</summary>
    /// <exception cref="NoBackendAvailableException">Discovery has not answered in time.</exception>
    internal async Task SettleAsync(CancellationToken cancellationToken)
    {
        long started = _timeProvider.GetTimestamp();
        await WaitForFirstAnswerAsync(cancellationToken).ConfigureAwait(false);
        await WaitForFirstSuccessAsync(started, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Counts a pick that has found nobody, and says why.</summary>
    /// <param name="request">What was picked for.</param>
    /// <param name="isSaturated">Whether caps are the reason.</param>
    /// <param name="reason">What to say before the explanation.</param>
    internal NoBackendAvailableException Refuse(in PickRequest request, bool isSaturated, string reason = "No backend can take the request.")
    {
        CountNoBackend();
        PickExplanation explanation = Explainer.Explain(Name, _timeProvider, Options.Policy, Volatile.Read(ref _snapshot), _directory.Outside, _directory.DescribeWait(), request, Explainer.BackendsInException);
        return new NoBackendAvailableException($"{reason} {explanation}", explanation) { IsSaturated = isSaturated };
    }

    /// <summary>Puts new options in force: policy, backends, sources and the rest, all or nothing.</summary>
    internal void Apply(BalancerOptions options)
    {
        using (_reconciler.EnterWrite())
        {
            if (_isDisposed)
            {
                return;
            }

            PickerFactory factory = ReferenceEquals(options.Policy, _options.Policy) ? _merge.Factory : CreateFactory(options);
            AvailabilityMerge merge = CreateMerge(options, factory);
            _directory.Configure(options, merge);
            _merge = merge;
            _instruments.RecordPeers = options.RecordPeers;
            Volatile.Write(ref _options, options);
        }
    }

    internal void OnAvailabilityChanged(AvailabilityChangedEventArgs change) => Raise(AvailabilityChanged, change, nameof(AvailabilityChanged));

    internal void OnCircuitChanged(CircuitChangedEventArgs change) => Raise(CircuitChanged, change, nameof(CircuitChanged));

    internal void OnServiceLevelChanged(ServiceLevelChangedEventArgs change) => Raise(ServiceLevelChanged, change, nameof(ServiceLevelChanged));

    /// <summary>Hands over what keeps this balancer up to date with its configuration; it is disposed with the balancer.</summary>
    internal void OwnReloading(IDisposable reloading) => _reloading = reloading;

    /// <summary>Begins an attempt that its backend has admitted.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Begin(BackendState backend, in Admission admission, PickReasons reasons, out BackendLease lease)
    {
        // The clock is most of what a pick costs, so it is read only for those who will ask for the time.
        long started = backend.HasObservers || _instruments.TimesAttempts ? _timeProvider.GetTimestamp() : Attempt.Untimed;
        Attempt attempt = AttemptPool.Rent();
        lease = new BackendLease(attempt, backend, attempt.Begin(backend, admission, started), reasons);

        // Not before there is an attempt: a listener that throws would leave a count behind that nothing takes back.
        if (_instruments.CountsPicks)
        {
            _instruments.CountPick(reasons);
        }
    }

    private async ValueTask<BackendLease> PickLaterAsync(PickRequest request, bool isSettled, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!isSettled)
        {
            await SettleAsync(cancellationToken).ConfigureAwait(false);
            if (TryPickUncounted(request, out BackendLease lease))
            {
                return lease;
            }
        }

        throw Refuse(request, IsSaturated);
    }

    private async Task WaitForFirstAnswerAsync(CancellationToken cancellationToken)
    {
        TimeSpan timeout = Options.FirstBackendsTimeout;
        try
        {
            await _directory.FirstAnswer.WaitAsync(timeout, _timeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException exception)
        {
            CountNoBackend();
            string reason = _directory.DescribeWait() ?? "";
            throw new NoBackendAvailableException(
                string.Create(CultureInfo.InvariantCulture, $"Service '{Name}': discovery has not answered within {timeout.TotalSeconds:0.###} s (FirstBackendsTimeout). {reason}").TrimEnd(),
                explanation: null,
                _directory.LastFailure ?? exception);
        }
    }

    /// <summary>Waits until a pool that is not trusted before it was probed has somebody who may be picked; what is left of the same time.</summary>
    private async Task WaitForFirstSuccessAsync(long started, CancellationToken cancellationToken)
    {
        TimeSpan left = Options.FirstBackendsTimeout - _timeProvider.GetElapsedTime(started);
        try
        {
            await _health.FirstRound.FirstSuccess.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, _timeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The explanation says what each backend waits for.
        }
    }

    private PickerFactory CreateFactory(BalancerOptions options) =>
        options.Policy.CreateFactory(new PolicyContext(_environment.Random, _timeProvider, Name, _environment.Logger))
            ?? throw new InvalidOperationException($"{options.Policy.GetType()}.CreateFactory returned null.");

    private AvailabilityMerge CreateMerge(BalancerOptions options, PickerFactory factory) =>
        new(factory, _environment.Random, AvailabilityRules.Create(options, _environment.Locality), _pools);

    private void Publish(Snapshot snapshot)
    {
        Volatile.Write(ref _snapshot, snapshot);
        _instruments.CountRebuild();
        _news.OnPublished(snapshot);
        Room.RaiseAfterWrite();
    }

    /// <summary>For a pick that found nothing, because it looked at a list that was replaced meanwhile, of which all that are gone drain by now: looks at the new one.</summary>
    private BackendState? FindInNewer(ref Snapshot snapshot, in PickRequest request, out Admission admission, out PickReasons reasons)
    {
        // What keeps it from finding one may be out of date: a change of flags that has not been published yet.
        _reconciler.CatchUp();
        admission = default;
        reasons = PickReasons.None;
        BackendState? found = null;
        for (int i = 0; i < NewerSnapshots && found is null; i++)
        {
            Snapshot newer = Volatile.Read(ref _snapshot);
            if (ReferenceEquals(newer, snapshot) || !newer.IsLive)
            {
                break;
            }

            snapshot = newer;
            found = Repick.FindFirst(snapshot, request, _random, out admission, out reasons);
        }

        return found;
    }

    private void Raise<TChange>(EventHandler<TChange>? handlers, TChange change, string name)
    {
        foreach (EventHandler<TChange> handler in Delegate.EnumerateInvocationList(handlers))
        {
            try
            {
                handler(this, change);
            }
#pragma warning disable CA1031 // A handler must not be able to fail the request, or the timer, that brought the news, nor to keep the others from hearing it.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.CodeFailed(_environment.Logger, exception, Name, $"A handler of {name}");
            }
        }
    }

    /// <summary>A request has found no backend, and was given up.</summary>
    internal void CountNoBackend()
    {
        if (_instruments.CountsPicks)
        {
            _instruments.CountNoBackend();
        }
    }
}
