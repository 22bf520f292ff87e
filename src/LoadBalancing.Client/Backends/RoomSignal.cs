namespace LoadBalancing.Client.Backends;

/// <summary>
/// Tells those who wait for a backend that is at its concurrency cap that there may be room. Raised when an attempt on a capped backend ends, when a trial's permit comes back, and with every new snapshot (a new backend,
/// another cap, another flag). Whoever is told picks again: others may have been quicker. Thread safe, without a lock.
/// </summary>
/// <remarks>
/// No wake-up is lost. Who waits arms first, then picks, and sleeps only if the pick finds nobody; who makes room makes it first, then looks whether the signal is armed. Both have a full fence between
/// (the compare-and-swap or barrier in <see cref="Arm"/>; the interlocked count of a release, or <see cref="RaiseAfterWrite"/>). So of a pick and a release that race, either the pick sees the room, or the release sees the signal.
/// A task that was armed before somebody else's release is completed by it at the latest: the first to raise takes it out and completes it, and who arms after that gets another.
/// </remarks>
internal sealed class RoomSignal
{
    private TaskCompletionSource? _armed;

    /// <summary>Asks to be told. Call it before the pick that decides whether to wait.</summary>
    /// <returns>Completes, elsewhere and not here, when there may be room.</returns>
    public Task Arm()
    {
        TaskCompletionSource? armed = Volatile.Read(ref _armed);
        if (armed is null)
        {
            TaskCompletionSource created = new(TaskCreationOptions.RunContinuationsAsynchronously);
            armed = Interlocked.CompareExchange(ref _armed, created, null) ?? created;
        }
        else
        {
            Interlocked.MemoryBarrier();
        }

        return armed.Task;
    }

    /// <summary>There may be room, as an interlocked operation of the caller has just made it.</summary>
    public void Raise()
    {
        if (Volatile.Read(ref _armed) is not null)
        {
            Interlocked.Exchange(ref _armed, null)?.TrySetResult();
        }
    }

    /// <summary>There may be room, as ordinary or volatile writes of the caller have made it.</summary>
    public void RaiseAfterWrite()
    {
        Interlocked.MemoryBarrier();
        Raise();
    }
}
