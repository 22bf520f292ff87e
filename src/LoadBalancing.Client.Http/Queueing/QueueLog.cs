using LoadBalancing.Client.Http.Telemetry;

namespace LoadBalancing.Client.Http.Queueing;

/// <summary>Says that requests were refused, but of each kind no more than one line in ten seconds: where one is refused, many are.</summary>
internal sealed class QueueLog(Balancer balancer)
{
    private readonly Occasion _full = new(balancer.TimeProvider);
    private readonly Occasion _timedOut = new(balancer.TimeProvider);

    public void QueueFull(int waiting, int maxQueue)
    {
        if (_full.TryTake(out int count))
        {
            Log.QueueFull(balancer.Logger, balancer.Name, waiting, maxQueue, count);
        }
    }

    public void QueueTimedOut(int waiting, TimeSpan timeout)
    {
        if (_timedOut.TryTake(out int count))
        {
            Log.QueueTimedOut(balancer.Logger, balancer.Name, timeout, waiting, count);
        }
    }

    /// <summary>Something that is said now and then, with how often it has happened since.</summary>
    private sealed class Occasion(TimeProvider timeProvider)
    {
        private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

        private long _last = long.MinValue;
        private int _count;

        /// <param name="count">How often it has happened since it was said, this time included.</param>
        public bool TryTake(out int count)
        {
            Interlocked.Increment(ref _count);
            long last = Volatile.Read(ref _last);
            long now = timeProvider.GetTimestamp();
            bool isTime = last == long.MinValue || timeProvider.GetElapsedTime(last, now) >= Pause;
            if (isTime && Interlocked.CompareExchange(ref _last, now, last) == last)
            {
                count = Interlocked.Exchange(ref _count, 0);
                return true;
            }

            count = 0;
            return false;
        }
    }
}
