namespace LoadBalancing.Client.Backends;

/// <summary>
/// The few attempts at a time that a half-open circuit lets through. A permit is a reservation of a place, so no path can leak it: it comes back once, by itself if need be, and a late return frees nobody else's.
/// Thread safe, without a lock.
/// </summary>
/// <remarks>A place holds the permit that it was given to. It is taken, freed and taken over by compare-and-swap on that very object, so of a return and a take-over that race, one wins.</remarks>
internal sealed class AdmissionPermits
{
    private readonly AdmissionPermit?[] _places;
    private readonly TimeProvider _timeProvider;
    private readonly TimeSpan _timeout;

    /// <param name="count">How many attempts at a time.</param>
    /// <param name="era">The era of the attempts that get one.</param>
    /// <param name="timeout">After this, a permit that has not come back is free for others.</param>
    /// <param name="timeProvider">The clock.</param>
    public AdmissionPermits(int count, int era, TimeSpan timeout, TimeProvider timeProvider)
    {
        _places = new AdmissionPermit?[count];
        Era = era;
        _timeout = timeout;
        _timeProvider = timeProvider;
    }

    public int Era { get; }

    /// <summary>How many are to be had.</summary>
    public int FreeCount => _places.Count(place => place is null || _timeProvider.GetElapsedTime(place.Since) >= _timeout);

    /// <summary>Whether any is to be had.</summary>
    public bool HasFree
    {
        get
        {
            foreach (AdmissionPermit? place in _places)
            {
                if (place is null || _timeProvider.GetElapsedTime(place.Since) >= _timeout)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Reserves a place.</summary>
    /// <returns>The permit, or <see langword="null"/> when all are taken.</returns>
    public AdmissionPermit? TryReserve()
    {
        long now = _timeProvider.GetTimestamp();
        for (int i = 0; i < _places.Length; i++)
        {
            AdmissionPermit? holder = Volatile.Read(ref _places[i]);
            if (holder is not null && _timeProvider.GetElapsedTime(holder.Since, now) < _timeout)
            {
                continue;
            }

            AdmissionPermit permit = new(this, i, now);
            if (Interlocked.CompareExchange(ref _places[i], permit, holder) == holder)
            {
                return permit;
            }
        }

        return null;
    }

    public void Return(AdmissionPermit permit, int place) => Interlocked.CompareExchange(ref _places[place], null, permit);
}
