namespace LoadBalancing.Client.Http.Resilience;

/// <summary>Where a request was tried, and until when those do not want it again that have said so. Not thread safe.</summary>
internal sealed class TriedBackends(TimeProvider timeProvider)
{
    /// <summary>Timers count whole milliseconds, and need not agree with the clock to the last of them: a wait that is over but for this is over.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(5);

    private readonly List<(BackendState Backend, long Until)> _waits = [];
    private BackendExclusions _tried;
    private BackendState? _last;

    /// <summary>An attempt on <paramref name="backend"/> has ended.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="retryAfter">How long it does not want the request, if it has said so.</param>
    public void Add(BackendState backend, TimeSpan? retryAfter)
    {
        _tried = _tried.With(backend);
        _last = backend;
        _waits.RemoveAll(wait => ReferenceEquals(wait.Backend, backend));
        if (retryAfter is { } time)
        {
            _waits.Add((backend, timeProvider.GetTimestamp() + (long)(time.TotalSeconds * timeProvider.TimestampFrequency)));
        }
    }

    /// <summary>How long a backend still does not want the request.</summary>
    public TimeSpan WaitFor(BackendState backend)
    {
        foreach ((BackendState waiting, long until) in _waits)
        {
            if (ReferenceEquals(waiting, backend))
            {
                TimeSpan left = timeProvider.GetElapsedTime(timeProvider.GetTimestamp(), until);
                return left > Slack ? left : TimeSpan.Zero;
            }
        }

        return TimeSpan.Zero;
    }

    /// <summary>How long it is until somebody wants the request: nothing, as long as there is anybody who was not tried.</summary>
    public TimeSpan ShortestWait(ReadOnlySpan<BackendState> eligible)
    {
        TimeSpan? shortest = null;
        foreach (BackendState backend in eligible)
        {
            TimeSpan wait = _tried.Contains(backend) ? WaitFor(backend) : TimeSpan.Zero;
            shortest = shortest < wait ? shortest : wait;
        }

        return shortest ?? TimeSpan.Zero;
    }

    /// <summary>Those that were tried since it began, or started over.</summary>
    public BackendExclusions All => _tried;

    /// <summary>Whether all of these were tried.</summary>
    public bool ContainsAll(ReadOnlySpan<BackendState> eligible)
    {
        foreach (BackendState backend in eligible)
        {
            if (!_tried.Contains(backend))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Whom the next attempt should not go to: those that were tried; or, when that is everybody, and it starts over, the one that was tried last, and those that do not want the request yet.
    /// </summary>
    public BackendExclusions Exclude(ReadOnlySpan<BackendState> eligible)
    {
        BackendExclusions next = default;
        bool isSomebodyLeft = false;
        foreach (BackendState backend in eligible)
        {
            if (!_tried.Contains(backend))
            {
                return _tried;
            }

            if (ReferenceEquals(backend, _last) || WaitFor(backend) > TimeSpan.Zero)
            {
                next = next.With(backend);
            }
            else
            {
                isSomebodyLeft = true;
            }
        }

        // With nobody left, the pick takes one of those that are excluded, and says so.
        _tried = isSomebodyLeft || _waits.Count == 0 ? next : ExcludeWaiting(eligible);
        return _tried;
    }

    /// <summary>Only the one that was tried last may have it.</summary>
    private BackendExclusions ExcludeWaiting(ReadOnlySpan<BackendState> eligible)
    {
        BackendExclusions waiting = default;
        foreach (BackendState backend in eligible)
        {
            if (WaitFor(backend) > TimeSpan.Zero)
            {
                waiting = waiting.With(backend);
            }
        }

        return waiting;
    }
}
