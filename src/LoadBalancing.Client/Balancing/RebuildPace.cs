using LoadBalancing.Client.Timing;

namespace LoadBalancing.Client.Balancing;

/// <summary>
/// Keeps rebuilds that flags ask for to a tenth of one core: in a pool of ten thousand backends a rebuild takes milliseconds, and health may change a thousand times a second. A change that comes too soon after a rebuild waits for as
/// long as nine rebuilds take, 50 ms at most, and shares the next one with those that come meanwhile. In ordinary pools nothing ever waits. Guarded by the writers' lock.
/// </summary>
internal sealed class RebuildPace(TimeProvider timeProvider, Schedule schedule, Reconciler reconciler) : IScheduled
{
    private const int PausePerCost = 9;

    /// <summary>What rebuilds cost is the least that one of the last few took: the others were held up by something else, such as code that ran for the first time.</summary>
    private const int Looks = 4;

    /// <summary>Shorter pauses are not worth a timer.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);

    private readonly TimeSpan[] _costs = new TimeSpan[Looks];
    private TimeSpan _pause;
    private int _rebuilds;
    private long _ended;
    private int _isPutOff;

    public long Begin() => timeProvider.GetTimestamp();

    public void End(long started)
    {
        _ended = timeProvider.GetTimestamp();
        _costs[_rebuilds++ % Looks] = timeProvider.GetElapsedTime(started, _ended);
        TimeSpan pause = PausePerCost * _costs.Min();
        _pause = pause < ShortestPause ? TimeSpan.Zero : pause < LongestPause ? pause : LongestPause;
    }

    /// <summary>Whether it is too soon for another rebuild; there will be one when it no longer is.</summary>
    public bool PutOff()
    {
        if (_pause == TimeSpan.Zero || Volatile.Read(ref _isPutOff) != 0)
        {
            return _pause != TimeSpan.Zero;
        }

        TimeSpan left = _pause - timeProvider.GetElapsedTime(_ended);
        if (left <= TimeSpan.Zero)
        {
            return false;
        }

        Volatile.Write(ref _isPutOff, 1);
        schedule.Add(this, left);
        return true;
    }

    /// <summary>The pause is over.</summary>
    public void Run()
    {
        Volatile.Write(ref _isPutOff, 0);
        reconciler.RebuildIfStale(isPaced: false);
        reconciler.Speak();
    }
}
