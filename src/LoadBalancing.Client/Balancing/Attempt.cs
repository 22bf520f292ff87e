using System.Runtime.CompilerServices;
using LoadBalancing.Client.Backends;

namespace LoadBalancing.Client.Balancing;

/// <summary>
/// What a lease stands for: one attempt in flight. Pooled, and finalizable: an attempt whose lease is lost (a response that nobody reads or disposes) completes itself when it is collected.
/// </summary>
/// <remarks>
/// <c>_state</c> holds a version and a phase. A lease remembers the version it was given. Every transition is one compare-and-swap from exactly that version, so of any number of late,
/// repeated or concurrent reports at most one wins, and none can touch the attempt that uses the object next. Fields are read before the swap: if it succeeds, the version was the lease's all along.
/// </remarks>
internal sealed class Attempt : IThreadPoolWorkItem
{
    /// <summary>The start of an attempt that nobody wanted to time when it began.</summary>
    public const long Untimed = long.MinValue;

    private const long Free = 0;
    private const long Picked = 1;
    private const long HasResponded = 2;
    private const int PhaseBits = 2;

    /// <summary>In addition to <see cref="HasResponded"/>.</summary>
    private const long HasFailed = 1;

    private BackendState? _backend;
    private InFlightTotal? _countedIn;
    private AdmissionPermit? _permit;
    private long _started;
    private long _state;
    private int _era;

#pragma warning disable MA0055 // The finalizer is the point: it is what makes a lost lease harmless. Pooling makes it cheap.
    ~Attempt()
#pragma warning restore MA0055
    {
        // Observers and locks have no place on the finalizer thread: only queue. A free attempt is one that lay in a pool that died with its thread.
        if ((_state & ((1 << PhaseBits) - 1)) != Free)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>When the attempt in progress began, or <see cref="Untimed"/>.</summary>
    public long Started => _started;

    /// <summary>Begins the time of the attempt in progress, unless it has begun.</summary>
    /// <returns><see cref="Started"/>.</returns>
    public long Time(TimeProvider timeProvider) => _started == Untimed ? _started = timeProvider.GetTimestamp() : _started;

    /// <summary>Starts an attempt that its backend has admitted.</summary>
    /// <returns>The version for the lease.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Begin(BackendState backend, in Admission admission, long started)
    {
        _backend = backend;
        _started = started;
        _era = admission.Era;
        if (admission.Permit is { } permit)
        {
            _permit = permit;
        }

        if (backend.PoolInFlight is { } total)
        {
            _countedIn = total;
            total.Add(1);
        }

        long version = _state >> PhaseBits;
        Volatile.Write(ref _state, (version << PhaseBits) | Picked);
        return version;
    }

    public void Responded(long version, in Outcome outcome)
    {
        BackendState? backend = _backend;
        AdmissionPermit? permit = _permit;
        long started = _started;
        int era = _era;
        long picked = (version << PhaseBits) | Picked;
        long responded = (version << PhaseBits) | HasResponded | (outcome.IsFailure ? HasFailed : 0);
        if (Interlocked.CompareExchange(ref _state, responded, picked) == picked)
        {
            try
            {
                backend!.Host!.Report(backend, AttemptPhases.Response, outcome, started, era);
            }
            finally
            {
                Return(permit, backend!);
            }
        }
    }

    public void Complete(long version, in Outcome outcome)
    {
        BackendState? backend = _backend;
        InFlightTotal? countedIn = _countedIn;
        AdmissionPermit? permit = _permit;
        long started = _started;
        int era = _era;
        long state = Volatile.Read(ref _state);
        while (state >> PhaseBits == version)
        {
            long seen = Interlocked.CompareExchange(ref _state, (version + 1) << PhaseBits, state);
            if (seen == state)
            {
                AttemptPhases phases = (state & HasResponded) == 0 ? AttemptPhases.Response | AttemptPhases.Completion
                    : (state & HasFailed) == 0 ? AttemptPhases.Completion
                    : AttemptPhases.Completion | AttemptPhases.AfterFailure;
                _backend = null;
                if (countedIn is not null)
                {
                    _countedIn = null;
                }

                if (permit is not null)
                {
                    _permit = null;
                }

                AttemptPool.Return(this);
                try
                {
                    backend!.Host!.Report(backend, phases, outcome, started, era);
                }
                finally
                {
                    Return(permit, backend!);
                    countedIn?.Add(-1);
                    backend!.Release();
                }

                return;
            }

            state = seen;
        }
    }

    /// <summary>Completes an attempt whose lease was lost. It is nobody's fault: the outcome says nothing.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        GC.ReRegisterForFinalize(this);
        Complete(_state >> PhaseBits, default);
    }

    /// <summary>Gives the place of a trial back; who waits because all others are at their caps may have the next.</summary>
    private static void Return(AdmissionPermit? permit, BackendState backend)
    {
        if (permit is not null)
        {
            permit.Return();
            backend.Host!.Room.Raise();
        }
    }
}
