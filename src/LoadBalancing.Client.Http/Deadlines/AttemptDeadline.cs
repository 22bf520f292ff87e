namespace LoadBalancing.Client.Http.Deadlines;

/// <summary>
/// What ends an attempt early: its timeout, or the caller's token. Made before the request is sent, armed only if the answer is not there at once, and released when the headers are here.
/// </summary>
/// <remarks>
/// Each attempt has its own, although one that nobody canceled could be reset and used again: whoever is below may keep the token for longer than the headers take (a body that is still being
/// sent, a handler that goes on in the background), and must never be canceled by what ends somebody else's attempt.
/// </remarks>
internal sealed class AttemptDeadline : CancellationTokenSource
{
    private CancellationTokenRegistration _link;
    private ITimer? _timer;
    private bool _isArmed;

    /// <summary>Starts the time, and listens to the caller.</summary>
    public void Arm(TimeProvider timeProvider, TimeSpan timeout, CancellationToken callerToken)
    {
        _isArmed = true;
        if (timeProvider == TimeProvider.System)
        {
            CancelAfter(timeout);
        }
        else
        {
            _timer = timeProvider.CreateTimer(static deadline => ((AttemptDeadline)deadline!).Cancel(), this, timeout, Timeout.InfiniteTimeSpan);
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
            CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }
}
