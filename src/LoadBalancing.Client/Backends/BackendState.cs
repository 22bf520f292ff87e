using System.Numerics;
using LoadBalancing.Client.Backends;

namespace LoadBalancing.Client;

/// <summary>
/// What is known about one backend, live: one instance per backend id, which survives every update of the list. All members are thread safe.
/// </summary>
/// <remarks>
/// In-flight and admission. <c>_admissionLimit</c> is the concurrency cap, or 0 while nothing new may start. An attempt counts itself in first and reads the limit afterwards;
/// whoever stops admission writes the limit first and reads the count afterwards; both have a full fence between. So of an attempt and a drain that race, at least one sees the other.
/// </remarks>
public sealed class BackendState
{
    private const Unavailability StopsAdmission = Unavailability.Draining | Unavailability.Isolated;

    private Backend _description;
    private int _unavailability;
    private long _admissionLimit;
    private IBackendObserver[] _observers = [];
    private TaskCompletionSource? _idle;
    private object?[]? _slots;
    private Verdict?[]? _verdicts;
    private AttemptTally? _tally;
    private bool _isTriedAsSuspect;
    private AdmissionPermits? _permits;
    private int _era;
    private int _circuit;
    private PaddedCounter _inFlight;

    internal BackendState(Backend description, BackendHost? host = null)
    {
        _description = description;
        Host = host;
        _admissionLimit = LimitOf(description, Unavailability.None);
    }

    /// <summary>The identity of the backend.</summary>
    public string Id => _description.Id;

    /// <summary>What discovery says now; replaced when it says something else. The address never changes: a new address is a new state.</summary>
    public Backend Description => Volatile.Read(ref _description);

    /// <summary>Attempts of this process that were picked and are not complete.</summary>
    public int InFlight => (int)Volatile.Read(ref _inFlight.Value);

    /// <summary>Why it may not receive new attempts; <see cref="Unavailability.None"/> = eligible (as long as its weight is not 0).</summary>
    public Unavailability Unavailability => (Unavailability)Volatile.Read(ref _unavailability);

    /// <summary>Where its circuit breaker stands; <see cref="CircuitState.Closed"/> when there is none.</summary>
    public CircuitState Circuit => (Unavailability & Unavailability.Isolated) != 0 ? CircuitState.Isolated : CircuitOfBreaker;

    /// <summary>Whom it tells; a backend that stands alone tells nobody.</summary>
    internal BackendHost? Host { get; }

    /// <summary>What is out of the ordinary about any pick of this backend from the current snapshot. Written by the reconciler.</summary>
    internal PickReasons StandingReasons { get; set; }

    /// <summary>Whether an attempt was sent although its circuit is open, since nobody else was left; until its circuit moves. Set by a pick.</summary>
    internal bool IsTriedAsSuspect
    {
        get => Volatile.Read(ref _isTriedAsSuspect);
        set => Volatile.Write(ref _isTriedAsSuspect, value);
    }

    private bool IsFailingOpen => (StandingReasons & PickReasons.FailOpen) != 0;

    /// <summary>What else counts its attempts, for a policy that compares it with its pool; usually nothing. Written by that policy, read when an attempt begins.</summary>
    internal InFlightTotal? PoolInFlight { get; set; }

    /// <summary>Whether someone asked for a drain. Guarded by the reconciler's lock.</summary>
    internal bool IsDrainedByHand { get; set; }

    /// <summary>Whether discovery no longer lists it. Guarded by the reconciler's lock.</summary>
    internal bool IsRemoved { get; set; }

    /// <summary>Whether anybody wants to hear of every attempt, and perhaps of its time.</summary>
    internal bool HasObservers => _observers.Length != 0;

    internal ReadOnlySpan<IBackendObserver> Observers => _observers;

    /// <summary>Counts successes and failures for those who judge the backend; <see langword="null"/> when nobody does.</summary>
    internal AttemptTally? Tally => Volatile.Read(ref _tally);

    /// <summary>Whether somebody judges it, though nothing was counted yet: a backend that is never used does not pay for what would.</summary>
    internal bool AwaitsTally { get; private set; }

    /// <summary>Where the circuit breaker stands, whatever was done by hand. Written by the breaker.</summary>
    internal CircuitState CircuitOfBreaker
    {
        get => (CircuitState)Volatile.Read(ref _circuit);
        set => Volatile.Write(ref _circuit, (int)value);
    }

    /// <summary>While set, attempts start only with one of these. Written by the breaker, whose circuit is half-open.</summary>
    internal AdmissionPermits? Permits
    {
        get => Volatile.Read(ref _permits);
        set => Volatile.Write(ref _permits, value);
    }

    /// <summary>
    /// Whether it has a cap, and that is why it refuses an attempt, or was why a moment ago: full, or with room by now that needs no permit. One that waits for a trial, or is on its way out, does not refuse because of its cap.
    /// </summary>
    internal bool IsHeldByCap
    {
        get
        {
            long limit = Volatile.Read(ref _admissionLimit);
            return limit != long.MaxValue && limit > 0
                && (Volatile.Read(ref _inFlight.Value) >= limit || Permits is null || (StandingReasons & PickReasons.FailOpen) != 0);
        }
    }

    /// <summary>Grows with every event after which what runs already may say nothing new about the backend. An attempt remembers the one in which it began.</summary>
    internal int Era => Volatile.Read(ref _era);

    /// <summary>The id.</summary>
    public override string ToString() => Id;

    internal void SetDescription(Backend description)
    {
        Volatile.Write(ref _description, description);
        UpdateAdmissionLimit();
    }

    internal void SetObservers(IBackendObserver[] observers) => Volatile.Write(ref _observers, observers);

    internal void SetTally(AttemptTally? tally, bool isAwaited = false)
    {
        Volatile.Write(ref _tally, tally);
        AwaitsTally = isAwaited;
    }

    /// <summary>Begins a new era.</summary>
    internal int NextEra() => Interlocked.Increment(ref _era);

    /// <summary>What the owner of the flag said when it set it last; worth nothing when the flag is not set.</summary>
    internal Verdict? GetVerdict(Unavailability flag) => Volatile.Read(ref _verdicts) is { } verdicts ? Volatile.Read(ref verdicts[BitOperations.Log2((uint)flag)]) : null;

    /// <summary>Sets or clears the caller's own flag, and tells the reconciler if that changed anything.</summary>
    /// <param name="flag">One flag.</param>
    /// <param name="value">Whether it is to be set.</param>
    /// <param name="verdict">Why it is set.</param>
    /// <returns>Whether it changed.</returns>
    internal bool SetFlag(Unavailability flag, bool value, Verdict? verdict = null)
    {
        // A flag that is set already keeps the verdict it was set with.
        if (value && (Unavailability & flag) == 0)
        {
            SetVerdict(flag, verdict);
        }

        int before = value ? Interlocked.Or(ref _unavailability, (int)flag) : Interlocked.And(ref _unavailability, ~(int)flag);
        bool changed = ((before & (int)flag) != 0) != value;
        if (changed)
        {
            // Only by those whose flags stop admission, who hold the reconciler's lock: any other would write back a limit it had computed before they changed it.
            if ((flag & StopsAdmission) != 0)
            {
                UpdateAdmissionLimit();
            }

            Host?.AvailabilityChanged(this, flag, value, value ? verdict : null);
        }

        return changed;
    }

    /// <summary>Sets a flag of a backend that nobody can pick yet: there is nothing to change, and nothing to tell.</summary>
    internal void BeginWith(Unavailability flag, Verdict verdict)
    {
        SetVerdict(flag, verdict);
        Interlocked.Or(ref _unavailability, (int)flag);
    }

    /// <summary>Counts an attempt in, unless the backend takes no more. The caller owes one <see cref="Release"/> for each success, and the permit, if there is one.</summary>
    /// <param name="admission">How it was let in.</param>
    /// <param name="failsOpen">Whether it was chosen because nothing is eligible, in a view: then, too, permits do not limit.</param>
    internal bool TryAcquire(out Admission admission, bool failsOpen = false)
    {
        // The era first: whatever ends it after this makes the attempt one of the old era, which is the safe side.
        admission = new Admission(Era, null);
        if (Volatile.Read(ref _admissionLimit) != long.MaxValue)
        {
            return Permits is { } permits ? TryAcquireWithPermit(permits, failsOpen, ref admission) : TryAcquireLimited();
        }

        if (Permits is { } needed)
        {
            return TryAcquireWithPermit(needed, failsOpen, ref admission);
        }

        Interlocked.Increment(ref _inFlight.Value);
        return Volatile.Read(ref _admissionLimit) == long.MaxValue || RecheckAdmission();
    }

    /// <summary>Counts an attempt in, whatever speaks against it: for one that was chosen when nothing did, and cannot be placed elsewhere any more. The caller owes one <see cref="Release"/>.</summary>
    internal void Acquire() => Interlocked.Increment(ref _inFlight.Value);

    /// <summary>What <see cref="TryAcquire"/> would say now. Changes nothing, and promises nothing.</summary>
    internal AdmissionRefusal LookAtAdmission(bool failsOpen)
    {
        long limit = Volatile.Read(ref _admissionLimit);
        return limit == 0 ? AdmissionRefusal.Stopped
            : InFlight >= limit ? AdmissionRefusal.AtCap
            : Permits is { } permits && !failsOpen && !IsFailingOpen && !permits.HasFree ? AdmissionRefusal.NoPermit
            : AdmissionRefusal.None;
    }

    internal void Release()
    {
        if (Interlocked.Decrement(ref _inFlight.Value) == 0)
        {
            _idle?.TrySetResult();
        }

        // The limit shares its cache line with what a pick reads anyhow; without a cap, this branch is never taken.
        if (Volatile.Read(ref _admissionLimit) != long.MaxValue)
        {
            Host?.Room.Raise();
        }
    }

    /// <summary>Completes once nothing is in flight. Meant for a backend that admits nothing new; the caller holds the reconciler's lock.</summary>
    internal Task WhenIdle()
    {
        if (_idle is null or { Task.IsCompleted: true })
        {
            Interlocked.Exchange(ref _idle, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        if (InFlight == 0)
        {
            _idle.TrySetResult();
        }

        return _idle.Task;
    }

    /// <summary>Ends the wait of <see cref="WhenIdle"/> without being idle.</summary>
    internal void EndWaitForIdle() => _idle?.TrySetResult();

    internal object? GetSlot(int index) => Volatile.Read(ref _slots)?[index];

    internal void SetSlot(int index, object value)
    {
        object?[]? slots = Volatile.Read(ref _slots);
        if (slots is null)
        {
            object?[] created = new object?[BackendSlots.Capacity];
            slots = Interlocked.CompareExchange(ref _slots, created, null) ?? created;
        }

        Volatile.Write(ref slots[index], value);
    }

    private void SetVerdict(Unavailability flag, Verdict? verdict)
    {
        Verdict?[]? verdicts = Volatile.Read(ref _verdicts);
        if (verdicts is null)
        {
            Verdict?[] created = new Verdict?[BitOperations.Log2((uint)Unavailability.Isolated) + 1];
            verdicts = Interlocked.CompareExchange(ref _verdicts, created, null) ?? created;
        }

        Volatile.Write(ref verdicts[BitOperations.Log2((uint)flag)], verdict);
    }

    /// <summary>Where everything is used because nothing is eligible, permits do not limit.</summary>
    private bool TryAcquireWithPermit(AdmissionPermits permits, bool failsOpen, ref Admission admission)
    {
        if (failsOpen || IsFailingOpen)
        {
            return TryAcquireLimited();
        }

        // Before a permit is borrowed: who waits for room looks here again and again, and must not be woken by what its own look has put back.
        if (InFlight >= Volatile.Read(ref _admissionLimit) || permits.TryReserve() is not { } permit)
        {
            return false;
        }

        if (!TryAcquireLimited())
        {
            // The last place was taken in between. Whoever has looked meanwhile, woken by the place that became free before, has seen no permit, and waits for this one.
            permit.Return();
            Host?.Room.Raise();
            return false;
        }

        admission = new Admission(Math.Max(admission.Era, permits.Era), permit);
        return true;
    }

    private static long LimitOf(Backend description, Unavailability unavailability) =>
        (unavailability & StopsAdmission) != 0 ? 0 : description.MaxConcurrency ?? long.MaxValue;

    private void UpdateAdmissionLimit()
    {
        // Two writers may race here; each computes from what it reads after its own change, so the loop ends with a value that fits both.
        long written;
        do
        {
            written = LimitOf(Description, Unavailability);
            Interlocked.Exchange(ref _admissionLimit, written);
        }
        while (written != LimitOf(Description, Unavailability));
    }

    private bool RecheckAdmission()
    {
        // The limit came while we counted ourselves in: stay if there is room, else undo.
        if (Volatile.Read(ref _inFlight.Value) <= Volatile.Read(ref _admissionLimit))
        {
            return true;
        }

        Release();
        return false;
    }

    /// <summary>With a limit, the count is raised only when there is room, so that refused attempts never disturb it.</summary>
    private bool TryAcquireLimited()
    {
        while (true)
        {
            long count = Volatile.Read(ref _inFlight.Value);
            if (count >= Volatile.Read(ref _admissionLimit))
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _inFlight.Value, count + 1, count) == count)
            {
                return Volatile.Read(ref _admissionLimit) > count || RecheckAdmission();
            }
        }
    }
}
