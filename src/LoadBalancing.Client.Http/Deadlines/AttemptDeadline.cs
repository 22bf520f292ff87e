namespace LoadBalancing.Client.Http.Deadlines;

/// <summary>
/// What ends an attempt early, or the wait for a backend: a timeout, or the caller's token. Made before the request is sent, armed only if the answer is not there at once, and released when the headers are here.
/// </summary>
/// <remarks>
/// Each attempt has its own, although one that nobody canceled could be reset and used again: whoever is below may keep the token for longer than the headers take (a body that is still being
/// sent, a handler that goes on in the background), and must never be canceled by what ends somebody else's attempt.
/// </remarks>
/// <param name="timeout">How long until it ends the attempt; above 0.</param>
/// <param name="isRequests">Whether that is what is left of the request's time, and not the time of an attempt.</param>
/// <param name="isWhole">Whether it is all of either, and not a rest.</param>
internal sealed class AttemptDeadline(TimeSpan timeout, bool isRequests, bool isWhole) : CancellationTokenSource
{
    private CancellationTokenRegistration _link;
    private ITimer? _timer;
    private bool _isArmed;

    public TimeSpan Timeout => timeout;

    public bool IsRequests => isRequests;

    public bool IsWhole => isWhole;

    /// <summary>When the request began whose attempt it ends.</summary>
    public long RequestStarted { get; private init; }

    /// <summary>The earlier one of what an attempt may take and what is left of the request's time; <see langword="null"/> when there is no limit.</summary>
    /// <param name="timeouts">The limits.</param>
    /// <param name="left">What is left of the request's time; <see langword="null"/> when it has no limit.</param>
    /// <param name="started">When the request began.</param>
    public static AttemptDeadline? Create(in RequestTimeouts timeouts, TimeSpan? left, long started)
    {
        bool hasAttemptTimeout = timeouts.Attempt != System.Threading.Timeout.InfiniteTimeSpan;
        if (left <= TimeSpan.Zero)
        {
            // It was above 0 when somebody looked last: the attempt ends at once.
            left = TimeSpan.FromTicks(1);
        }

        return left is { } time && (!hasAttemptTimeout || time <= timeouts.Attempt) ? new AttemptDeadline(time, isRequests: true, isWhole: time == timeouts.Request) { RequestStarted = started }
            : hasAttemptTimeout ? new AttemptDeadline(timeouts.Attempt, isRequests: false, isWhole: true) { RequestStarted = started }
            : null;
    }

    /// <summary>Starts the time, and listens to the caller.</summary>
    public void Arm(TimeProvider timeProvider, CancellationToken callerToken)
    {
        _isArmed = true;
        if (timeProvider == TimeProvider.System)
        {
            CancelAfter(timeout);
        }
        else
        {
            _timer = timeProvider.CreateTimer(static deadline => ((AttemptDeadline)deadline!).Cancel(), this, timeout, System.Threading.Timeout.InfiniteTimeSpan);
        }

        if (callerToken.CanBeCanceled)
        {
            _link = callerToken.UnsafeRegister(static deadline => ((AttemptDeadline)deadline!).Cancel(), this);
        }
    }

    /// <summary>The attempt has its headers, or will never have: stops the time and the listening. Does not dispose, so that the token stays good for whoever holds it.</summary>
    public void Release()
    {
        if (!_isArmed)
        {
            return;
        }

        // Unregister does not wait for a cancellation that is running, as Dispose would.
        _link.Unregister();
        if (_timer is not null)
        {
            _timer.Dispose();
        }
        else if (!IsCancellationRequested)
        {
            CancelAfter(System.Threading.Timeout.InfiniteTimeSpan);
        }
    }
}
