using LoadBalancing.Client.Timing;

namespace LoadBalancing.Client.Health.Probing;

/// <summary>
/// One call of a probe. It ends in one of three ways, and only the first counts: it returns, its time is over, or nobody wants to know any more. What it does after that is its own affair, but for one thing: until it has returned,
/// the backend is not probed again.
/// </summary>
#pragma warning disable CA1001 // There is nothing to dispose: the source has no timer and no wait handle, and who cancels it must not find it disposed.
internal sealed class ProbeCall(BackendMonitor monitor, ProbeSetup setup, Schedule schedule, long started) : IScheduled
#pragma warning restore CA1001
{
    public static readonly ProbeResult TimedOut = ProbeResult.Failed("timeout", ProbeErrors.Timeout);

    private const int Running = 0;
    private const int Returned = 1;
    private const int OutOfTime = 2;
    private const int Abandoned = 3;

    private readonly CancellationTokenSource _cancellation = new();
    private int _state;
    private int _hasReturned;
    private int _hasLeft;

    /// <summary>Whether what it finds out still counts.</summary>
    public bool IsRunning => Volatile.Read(ref _state) == Running;

    public bool IsOutOfTime => Volatile.Read(ref _state) == OutOfTime;

    public bool HasReturned => Volatile.Read(ref _hasReturned) != 0;

    /// <summary>Begins.</summary>
    /// <returns>Whether it is over already, and its place in the queue is the caller's to hand over.</returns>
    public bool Start()
    {
        Task<ProbeResult> check = CheckAsync();
        if (check.IsCompletedSuccessfully)
        {
            End(check.Result);
            return true;
        }

        schedule.Add(this, setup.Options.Timeout);
        _ = EndAsync(check);
        return false;
    }

    /// <summary>Its time is over. It keeps its place in the queue for as long again, so that it can end: one that does not even then must not keep the others from theirs.</summary>
    public void Run()
    {
        if (TryEnd(OutOfTime))
        {
            // Callbacks of the token are foreign code: they run elsewhere.
            _ = _cancellation.CancelAsync();
            schedule.Add(this, setup.Options.Timeout);
            monitor.Conclude(setup, started, TimedOut);
            return;
        }

        Interlocked.CompareExchange(ref _state, OutOfTime, Abandoned);
        LeaveQueue();
    }

    /// <summary>Nobody wants to know any more. It keeps its place in the queue until it returns or its time is over, so that no other begins on the caller's thread, who holds locks.</summary>
    public void Abandon()
    {
        if (TryEnd(Abandoned))
        {
            _ = _cancellation.CancelAsync();
        }
    }

    private async Task<ProbeResult> CheckAsync()
    {
        try
        {
            return await setup.Probe.CheckAsync(monitor.Backend.Description, _cancellation.Token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever a probe throws, it is a failure of the backend, and no more.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return ProbeErrors.Describe(exception);
        }
    }

    private async Task EndAsync(Task<ProbeResult> check)
    {
        End(await check.ConfigureAwait(false));
        LeaveQueue();
    }

    private void End(in ProbeResult result)
    {
        Volatile.Write(ref _hasReturned, 1);
        if (TryEnd(Returned))
        {
            monitor.Conclude(setup, started, result);
        }
    }

    private bool TryEnd(int state) => Interlocked.CompareExchange(ref _state, state, Running) == Running;

    private void LeaveQueue()
    {
        if (Interlocked.Exchange(ref _hasLeft, 1) == 0)
        {
            setup.Queue.Leave();
        }
    }
}
