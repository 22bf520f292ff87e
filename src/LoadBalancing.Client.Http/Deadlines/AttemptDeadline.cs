using System.Collections.Concurrent;

namespace LoadBalancing.Client.Http.Deadlines;

/// <summary>
/// What ends an attempt early: its timeout, or the caller's token. Rented before the request is sent, armed only if the answer is not there at once, and given back when the headers are.
/// </summary>
/// <remarks>
/// The object and its token source are used again by later attempts, so nobody may hold the token any longer: a deadline whose source was canceled, or whose link to the caller may be running,
/// is dropped. Never shared are the deadline of a request with content, which may go on being sent after the headers, under this token; and one on another clock than the system's, since only
/// the system's timer can be set back.
/// </remarks>
#pragma warning disable CA1001 // The source has no timer or links left when it is dropped, so there is nothing to dispose.
internal sealed class AttemptDeadline
#pragma warning restore CA1001
{
    private const int SharedCapacity = 1024;

    private static readonly ConcurrentQueue<AttemptDeadline> Shared = new();

    private static int _sharedCount;

    [ThreadStatic]
    private static AttemptDeadline? _own;

    private readonly CancellationTokenSource _source = new();
    private readonly bool _isShareable;
    private CancellationTokenRegistration _link;
    private ITimer? _timer;
    private bool _isLinked;

    private AttemptDeadline(bool isShareable) => _isShareable = isShareable;

    /// <summary>For the request. Canceled when the time is over, or when the caller gives up; but by nothing before <see cref="Arm"/>.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether the attempt was ended. By the timeout, unless the caller's token is canceled.</summary>
    public bool HasEnded => _source.IsCancellationRequested;

    public static AttemptDeadline Rent(TimeProvider timeProvider, bool hasContent)
    {
        if (hasContent || timeProvider != TimeProvider.System)
        {
            return new AttemptDeadline(isShareable: false);
        }

        if (_own is { } own)
        {
            _own = null;
            return own;
        }

        if (Shared.TryDequeue(out AttemptDeadline? shared))
        {
            Interlocked.Decrement(ref _sharedCount);
            return shared;
        }

        return new AttemptDeadline(isShareable: true);
    }

    /// <summary>Starts the time, and listens to the caller.</summary>
    public void Arm(TimeProvider timeProvider, TimeSpan timeout, CancellationToken callerToken)
    {
        if (timeProvider == TimeProvider.System)
        {
            _source.CancelAfter(timeout);
        }
        else
        {
            _timer = timeProvider.CreateTimer(static source => ((CancellationTokenSource)source!).Cancel(), _source, timeout, Timeout.InfiniteTimeSpan);
        }

        if (callerToken.CanBeCanceled)
        {
            _isLinked = true;
            _link = callerToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
        }
    }

    /// <summary>The headers are here, or never will be. Called once.</summary>
    public void Release()
    {
        // Not Dispose, which waits for a cancellation that is running.
        bool isUnlinked = !_isLinked || _link.Unregister();
        _timer?.Dispose();

        // Also stops the system's timer.
        if (_source.TryReset() && isUnlinked && _isShareable)
        {
            _isLinked = false;
            _link = default;
            Return();
        }
    }

    private void Return()
    {
        if (_own is null)
        {
            _own = this;
        }
        else if (Interlocked.Increment(ref _sharedCount) <= SharedCapacity)
        {
            Shared.Enqueue(this);
        }
        else
        {
            Interlocked.Decrement(ref _sharedCount);
        }
    }
}
