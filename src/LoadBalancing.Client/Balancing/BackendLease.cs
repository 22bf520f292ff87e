using System.Runtime.CompilerServices;
using LoadBalancing.Client.Balancing;

namespace LoadBalancing.Client;

/// <summary>
/// One attempt on one backend: names the backend and hears how the attempt goes. Report <see cref="Responded"/> at most once and <see cref="Complete"/> once; repeats are ignored.
/// Copies are the same lease. A lease that is never completed keeps its backend's in-flight count up until the garbage collector finds that nobody holds it.
/// </summary>
/// <remarks>Thread safe, but report one thing at a time. The default lease does nothing.</remarks>
public readonly struct BackendLease
{
    private readonly Attempt? _attempt;
    private readonly BackendState? _backend;
    private readonly long _version;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal BackendLease(Attempt attempt, BackendState backend, long version, PickReasons reasons)
    {
        _attempt = attempt;
        _backend = backend;
        _version = version;
        Reasons = reasons;
    }

    /// <summary>The backend that was picked.</summary>
    /// <exception cref="InvalidOperationException">This is the default lease: nothing was picked.</exception>
    public BackendState Backend => _backend ?? throw new InvalidOperationException("This is the default lease: nothing was picked, so it has no backend.");

    /// <summary>What was out of the ordinary about the pick.</summary>
    public PickReasons Reasons { get; }

    /// <summary>When the attempt was picked, if somebody wanted it timed; else <see cref="Attempt.Untimed"/>. Only until the lease is complete.</summary>
    internal long Started => _attempt?.Started ?? Attempt.Untimed;

    /// <summary>Makes sure that the attempt is timed, for somebody who wants it later than the pick. Before anybody else has the lease.</summary>
    /// <returns>When it was picked; or now, if nobody had looked.</returns>
    internal long Time(TimeProvider timeProvider) => _attempt?.Time(timeProvider) ?? Attempt.Untimed;

    /// <summary>The response headers are here, or it is known that they never will be: latency, success or failure. Optional; the attempt stays in flight.</summary>
    public void Responded(in Outcome outcome) => _attempt?.Responded(_version, outcome);

    /// <summary>All is over: the attempt leaves flight; bytes; a late failure. Without <see cref="Responded"/> before, it does that too.</summary>
    public void Complete(in Outcome outcome) => _attempt?.Complete(_version, outcome);
}
