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

    /// <summary>Whom it tells; a backend that stands alone tells nobody.</summary>
    internal BackendHost? Host { get; }

    /// <summary>What is out of the ordinary about any pick of this backend from the current snapshot. Written by the reconciler.</summary>
    internal PickReasons StandingReasons { get; set; }

    /// <summary>Whether someone asked for a drain. Guarded by the reconciler's lock.</summary>
    internal bool IsDrainedByHand { get; set; }

    /// <summary>Whether discovery no longer lists it. Guarded by the reconciler's lock.</summary>
    internal bool IsRemoved { get; set; }

    internal bool HasObservers => _observers.Length != 0;

    internal ReadOnlySpan<IBackendObserver> Observers => _observers;

    /// <summary>The id.</summary>
    public override string ToString() => Id;

    internal void SetDescription(Backend description)
    {
        Volatile.Write(ref _description, description);
        UpdateAdmissionLimit();
    }

    internal void SetObservers(IBackendObserver[] observers) => Volatile.Write(ref _observers, observers);

    /// <summary>Sets or clears the caller's own flag, and tells the reconciler if that changed anything.</summary>
    /// <returns>Whether it changed.</returns>
    internal bool SetFlag(Unavailability flag, bool value)
    {
        int before = value ? Interlocked.Or(ref _unavailability, (int)flag) : Interlocked.And(ref _unavailability, ~(int)flag);
        bool changed = ((before & (int)flag) != 0) != value;
        if (changed)
        {
            // Only by those whose flags stop admission, who hold the reconciler's lock: any other would write back a limit it had computed before they changed it.
            if ((flag & StopsAdmission) != 0)
            {
                UpdateAdmissionLimit();
            }

            Host?.AvailabilityChanged(this);
        }

        return changed;
    }

    /// <summary>Counts an attempt in, unless the backend takes no more. The caller owes one <see cref="Release"/> for each success.</summary>
    internal bool TryAcquire()
    {
        if (Volatile.Read(ref _admissionLimit) != long.MaxValue)
        {
            return TryAcquireLimited();
        }

        Interlocked.Increment(ref _inFlight.Value);
        return Volatile.Read(ref _admissionLimit) == long.MaxValue || RecheckAdmission();
    }

    internal void Release()
    {
        if (Interlocked.Decrement(ref _inFlight.Value) == 0)
        {
            _idle?.TrySetResult();
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
